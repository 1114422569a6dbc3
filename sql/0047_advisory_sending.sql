-- An advisory that says something of their own to many members is signed many
-- times, so a thread of its own does it, as with campaigns (0043): between, it
-- is "sending".  Nothing has left then; that comes in one transaction, as ever.
ALTER TABLE advisory
  DROP CONSTRAINT advisory_state_check,
  ADD CONSTRAINT advisory_state_check CHECK (state IN ('draft', 'approved', 'sending', 'issued')),
  ADD COLUMN sender bigint REFERENCES principal,   -- who issues it; as him it is done
  ADD COLUMN mails int NOT NULL DEFAULT 0,         -- to be composed
  ADD COLUMN composed int NOT NULL DEFAULT 0,      -- of them, so far
  ADD COLUMN why text,                             -- it could not be sent, the last time
  ADD CONSTRAINT advisory_sender CHECK (state <> 'sending' OR sender IS NOT NULL);
CREATE INDEX advisory_sending ON advisory (number) WHERE state = 'sending';
