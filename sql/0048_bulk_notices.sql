-- Acts of a campaign's board on many parties go the way of all acts on many
-- tickets: remind, and close by the answer that each has.
ALTER TABLE bulk
  DROP CONSTRAINT bulk_act_check,
  ADD CONSTRAINT bulk_act_check CHECK (act IN ('own', 'status', 'reject', 'reply', 'link', 'remind', 'close'));
