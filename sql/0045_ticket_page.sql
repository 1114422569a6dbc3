-- The page of a ticket.

-- Open tickets of a member and type, the newest first.
CREATE INDEX ticket_alike ON ticket (organisation, type, number DESC)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND organisation IS NOT NULL;

-- As before, each by its key.  (OFFSET 0: of a table that has just grown the
-- planner believes that it is empty, and joins it by reading all events.)
CREATE OR REPLACE FUNCTION events_of(n bigint) RETURNS SETOF event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM event e WHERE e.ticket = n
  UNION ALL
  SELECT e.* FROM ticket_about b
    CROSS JOIN LATERAL (SELECT * FROM event WHERE id = b.event OFFSET 0) e WHERE b.ticket = n
  UNION ALL
  SELECT e.* FROM ticket_link l
    CROSS JOIN LATERAL (SELECT * FROM event WHERE ticket = l.child OFFSET 0) e WHERE l.incident = n
$$;
