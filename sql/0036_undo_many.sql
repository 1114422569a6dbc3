-- What was done to many at once is undone at once: change by change, as a
-- single act is, 20,000 tickets take minutes.  The measure is the same: what
-- was changed again since is not overwritten, nothing is done, and the error
-- names it.  All other acts go the way they went.
ALTER FUNCTION deed_undo(bigint) RENAME TO deed_undo_each;

CREATE FUNCTION deed_undo(undone bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  bad record;
  n bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM deed WHERE id = undone AND act = 'bulk')
     OR EXISTS (SELECT FROM deed_change WHERE deed = undone AND field NOT IN
       ('status', 'owner', 'type', 'organisation', 'resolution', 'expires', 'link')) THEN
    RETURN deed_undo_each(undone);
  END IF;
  PERFORM FROM ticket WHERE number IN (SELECT ticket FROM deed_change WHERE deed = undone)
    ORDER BY number FOR UPDATE;
  SELECT s.ticket, s.field, v.value INTO bad
  FROM (SELECT DISTINCT ON (ticket, field) ticket, field, new FROM deed_change
        WHERE deed = undone AND field <> 'link' ORDER BY ticket, field, id DESC) s
  JOIN ticket t ON t.number = s.ticket
  JOIN LATERAL ticket_state(t) v ON v.field = s.field
  WHERE v.value IS DISTINCT FROM s.new ORDER BY s.ticket LIMIT 1;
  IF FOUND THEN
    RAISE 'Ticket #% was changed since (its % is "%"), so this is not undone.',
      bad.ticket, replace(bad.field, '_', ' '), coalesce(bad.value, 'none');
  END IF;
  UPDATE ticket t SET
    status = CASE WHEN w.had_status THEN w.status ELSE t.status END,
    owner = CASE WHEN w.had_owner THEN w.owner::bigint ELSE t.owner END,
    type = CASE WHEN w.had_type THEN w.type ELSE t.type END,
    organisation = CASE WHEN w.had_organisation THEN w.organisation::bigint ELSE t.organisation END,
    resolution = CASE WHEN w.had_resolution THEN w.resolution ELSE t.resolution END,
    expires = CASE WHEN w.had_expires THEN w.expires::timestamptz ELSE t.expires END,
    closed = CASE WHEN NOT w.had_status THEN t.closed WHEN is_active(w.status) THEN NULL
      ELSE coalesce(t.closed, now()) END,
    version = t.version + 1, updated = now()
  FROM (SELECT ticket, bool_or(field = 'status') AS had_status, bool_or(field = 'owner') AS had_owner,
          bool_or(field = 'type') AS had_type, bool_or(field = 'organisation') AS had_organisation,
          bool_or(field = 'resolution') AS had_resolution, bool_or(field = 'expires') AS had_expires,
          max(old) FILTER (WHERE field = 'status') AS status, max(old) FILTER (WHERE field = 'owner') AS owner,
          max(old) FILTER (WHERE field = 'type') AS type,
          max(old) FILTER (WHERE field = 'organisation') AS organisation,
          max(old) FILTER (WHERE field = 'resolution') AS resolution,
          max(old) FILTER (WHERE field = 'expires') AS expires
        FROM (SELECT DISTINCT ON (ticket, field) ticket, field, old FROM deed_change
              WHERE deed = undone AND field <> 'link' ORDER BY ticket, field, id) f
        GROUP BY ticket) w
  WHERE t.number = w.ticket;
  -- Links that it made go, and those that it took are there again.
  DELETE FROM ticket_link l USING deed_change c
  WHERE c.deed = undone AND c.field = 'link' AND c.new IS NOT NULL
    AND l.incident = c.item AND l.child = c.ticket;
  INSERT INTO ticket_link (incident, child)
  SELECT item, ticket FROM deed_change WHERE deed = undone AND field = 'link' AND new IS NULL
  ON CONFLICT DO NOTHING;
  SELECT count(*) INTO n FROM deed_change WHERE deed = undone;
  RETURN n;
END $$;
