-- Who stopped an advisory that was being sent, by the button or by an edit, and
-- when: its page says so until it is sent again.  How many of its mails were
-- signed by then is in composed; none of them has left.
ALTER TABLE advisory
  ADD COLUMN stopped timestamptz,
  ADD COLUMN stopped_by bigint REFERENCES principal,
  ADD COLUMN stopped_edit boolean NOT NULL DEFAULT false,  -- by an edit
  ADD CONSTRAINT advisory_stopped CHECK ((stopped IS NULL) = (stopped_by IS NULL));
