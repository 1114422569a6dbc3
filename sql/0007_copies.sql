-- The ticket page counts the later receptions of each message; without this
-- it reads the whole table once a message.
CREATE INDEX message_copies ON message (duplicate_of) WHERE duplicate_of IS NOT NULL;
