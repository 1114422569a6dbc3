-- Four hundred signatures take half a minute: a campaign whose mails are signed
-- is sent by a thread of its own, and between is "sending".  Nothing has left
-- then, and nothing is there yet of what the sending makes; that comes in one
-- transaction, as ever.
ALTER TABLE campaign
  DROP CONSTRAINT campaign_state_check,
  ADD CONSTRAINT campaign_state_check CHECK (state IN ('draft', 'sending', 'sent', 'abandoned')),
  ADD COLUMN sender bigint REFERENCES principal,   -- who sends it; as him it is done
  ADD COLUMN composed int NOT NULL DEFAULT 0,      -- mails so far
  ADD COLUMN why text,                             -- it could not be sent, the last time
  ADD CONSTRAINT campaign_sender CHECK (state <> 'sending' OR sender IS NOT NULL);
CREATE INDEX campaign_sending ON campaign (id) WHERE state = 'sending';
