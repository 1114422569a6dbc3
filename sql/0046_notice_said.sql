-- One of the four words, from somebody who may not answer for the party: it is
-- a person's to say whether it holds.  Of the mail to_read.
ALTER TABLE notice ADD COLUMN said text
  CHECK (said IN ('CLEANED', 'NOT-TRACED', 'AUTHORISED', 'NEED-MORE'));
