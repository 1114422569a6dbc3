-- What a bounce said is told beside the delivery that it marked: before, a
-- ticket showed "bounced" beside the reply of the relay that had taken the mail.
ALTER TABLE delivery
  ADD COLUMN bounce_status text,     -- 5.1.1, if it said one
  ADD COLUMN bounce_reason text,     -- in its own words
  ADD COLUMN bounce_message bigint;  -- the notice; (no reference: what is on no ticket hides nothing)
-- For a list's page: the last one of each who is on it.
CREATE INDEX delivery_bounced ON delivery (subscriber) WHERE bounced IS NOT NULL AND subscriber IS NOT NULL;
