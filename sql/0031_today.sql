-- The desk's first page: what waits for whom, and what changed since each
-- person last looked.

-- How far in the trail somebody has seen what became of tickets.
CREATE TABLE principal_seen (
  principal  bigint PRIMARY KEY REFERENCES principal,
  audit      bigint NOT NULL,              -- row of the trail
  at         timestamptz NOT NULL DEFAULT now()
);

-- Somebody's own in the order in which they are due.  (The index of all that
-- one ever owned began with the oldest closed ones.)
DROP INDEX ticket_owner;
CREATE INDEX ticket_mine ON ticket (owner, due, number)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND NOT held AND owner IS NOT NULL;
-- New and on no incident; begun, and owned by nobody.
CREATE INDEX ticket_fresh ON ticket (due, number)
  WHERE status = 'new' AND grouped_into IS NULL AND NOT held;
CREATE INDEX ticket_unowned ON ticket (due, number)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND NOT held AND owner IS NULL AND status <> 'new';
-- The numbers beside the views are counted from the index alone.
CREATE INDEX ticket_counted ON ticket (due) INCLUDE (status, owner, kind, held, waiting)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed') AND grouped_into IS NULL;
CREATE INDEX message_junk ON message (id DESC)
  WHERE direction = 'in' AND disposition = 'junk' AND ticket IS NULL;
