-- The due date of an incident is that of what is active below it, and each that
-- is opened again below it looked at all of them: of 2,000 that hang on one and
-- were closed at once, undoing that took 13 s.  Whoever changes many in one
-- statement rolls up himself, once for each incident.  (A statement's trigger
-- for all would cost every single change its transition tables.)
CREATE OR REPLACE FUNCTION case_state_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'incident' THEN
    PERFORM case_hold(l.child) FROM ticket_link l WHERE l.incident = NEW.number;
    PERFORM case_roll_up(NEW.number);
  ELSIF coalesce(current_setting('tocsin.many', true), '') <> 'on' THEN
    PERFORM case_roll_up(l.incident) FROM ticket_link l WHERE l.child = NEW.number;
  END IF;
  RETURN NULL;
END $$;

-- As in 0036, but for that.
CREATE OR REPLACE FUNCTION deed_undo(undone bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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
  PERFORM set_config('tocsin.many', 'on', true);
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
  PERFORM set_config('tocsin.many', '', true);
  PERFORM case_roll_up(i.incident)
  FROM (SELECT DISTINCT l.incident FROM deed_change c JOIN ticket_link l ON l.child = c.ticket
          JOIN ticket t ON t.number = l.incident AND is_active(t.status)
        WHERE c.deed = undone AND c.field = 'status' ORDER BY 1) i;
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
