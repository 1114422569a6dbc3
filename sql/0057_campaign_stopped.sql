-- Who stopped a campaign that was being sent, or abandoned its draft, and when:
-- its page says so until it is a draft again, or sent.  How many of its mails
-- were signed by then is in composed; none of them has left.
ALTER TABLE campaign
  ADD COLUMN stopped timestamptz,
  ADD COLUMN stopped_by bigint REFERENCES principal,
  ADD CONSTRAINT campaign_stopped CHECK ((stopped IS NULL) = (stopped_by IS NULL));
