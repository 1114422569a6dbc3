-- Casework: incidents, what hangs on them, and a log from which the state of
-- every ticket follows.

ALTER TABLE ticket
  ADD COLUMN merged_into bigint REFERENCES ticket,  -- its number stands for that one's
  ADD COLUMN held boolean NOT NULL DEFAULT false,   -- an open incident stands for it in the queue
  ADD COLUMN resolution text,                       -- in words of resolution.def; NULL while open
  ADD COLUMN expires timestamptz,                   -- of a countermeasure
  ADD CONSTRAINT ticket_not_merged_into_itself CHECK (merged_into <> number),
  -- What is merged is closed, and is in no group.
  ADD CONSTRAINT ticket_merged CHECK (merged_into IS NULL OR (grouped_into IS NULL
    AND status IN ('resolved', 'rejected', 'abandoned', 'removed')));
CREATE INDEX ticket_merged_into ON ticket (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ticket_expires ON ticket (expires)
  WHERE expires IS NOT NULL AND status IN ('pending activation', 'active');
DROP INDEX ticket_queue;
CREATE INDEX ticket_queue ON ticket (due, number)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND NOT held;

-- One word for "not closed"; inlined.
CREATE FUNCTION is_active(status text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
$$;

-- A report may hang on several incidents; an investigation and a
-- countermeasure on one.
CREATE TABLE ticket_link (
  incident  bigint NOT NULL REFERENCES ticket,
  child     bigint NOT NULL REFERENCES ticket,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (incident, child)
);
CREATE INDEX ticket_link_child ON ticket_link (child);

-- Which events an investigation is about: those of its party alone.  They
-- stay the evidence of their report.
CREATE TABLE ticket_about (
  ticket  bigint NOT NULL REFERENCES ticket,
  event   bigint NOT NULL REFERENCES event,
  PRIMARY KEY (ticket, event)
);
CREATE INDEX ticket_about_event ON ticket_about (event);

-- All events that a ticket is about, whatever its kind; inlined.
CREATE FUNCTION events_of(n bigint) RETURNS SETOF event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM event e WHERE e.ticket = n
  UNION ALL
  SELECT e.* FROM ticket_about b JOIN event e ON e.id = b.event WHERE b.ticket = n
  UNION ALL
  SELECT e.* FROM ticket_link l JOIN event e ON e.ticket = l.child WHERE l.incident = n
$$;

-- A deed is one act of somebody with all that follows from it, so that it can
-- be undone as a whole.  A deed is never changed; another one undoes it.
CREATE TABLE deed (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  principal  bigint REFERENCES principal,   -- NULL: the system
  actor      text NOT NULL,
  act        text NOT NULL,                 -- "merge", "link", ... (server/core/case/deed.def)
  ticket     bigint REFERENCES ticket,      -- the one it was done to; NULL: to many
  undoes     bigint UNIQUE REFERENCES deed
);
CREATE INDEX deed_ticket ON deed (ticket, id) WHERE ticket IS NOT NULL;

-- The log: each change of a ticket's state, by whomever.  The state is what
-- the last change of each field says, or the state in which its kind begins.
--   field  status owner type organisation resolution merged_into grouped_into
--          expires: of the ticket;  made: it is new, `new` is its kind
--          link: item is the incident;  message event notice: item came from
--          `old` to `new`;  about: item is the event;  party: address `new` came along
CREATE TABLE deed_change (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deed    bigint REFERENCES deed,           -- NULL: nobody's act (intake, timer)
  at      timestamptz NOT NULL DEFAULT now(),
  ticket  bigint NOT NULL,
  field   text NOT NULL,
  item    bigint,
  old     text,
  new     text
);
CREATE INDEX deed_change_ticket ON deed_change (ticket, id);
CREATE INDEX deed_change_deed ON deed_change (deed) WHERE deed IS NOT NULL;

CREATE TRIGGER deed_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deed
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER deed_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deed_change
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- The deed under way, as deed_begin() of sql/query/deed.sql left it.
CREATE FUNCTION deed_now() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('tocsin.deed', true), '')::bigint
$$;

CREATE FUNCTION status_at_first(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE kind WHEN 'report' THEN 'new' WHEN 'countermeasure' THEN 'pending activation'
    ELSE 'open' END
$$;

-- The fields of a ticket that are its state, as rows.  What was changed at
-- once is undone from the end: merged_into, which lets the others go, is last.
CREATE FUNCTION ticket_state(t ticket)
RETURNS TABLE (n int, field text, value text) LANGUAGE sql STABLE AS $$
  VALUES (1, 'status', t.status), (2, 'owner', t.owner::text), (3, 'type', t.type),
    (4, 'organisation', t.organisation::text), (5, 'resolution', t.resolution),
    (6, 'expires', to_char(t.expires AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
    (7, 'grouped_into', t.grouped_into::text), (8, 'merged_into', t.merged_into::text)
$$;

CREATE FUNCTION ticket_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deed_change (deed, ticket, field, old, new)
  SELECT deed_now(), NEW.number, n.field, o.value, n.value
  FROM ticket_state(NEW) n JOIN ticket_state(OLD) o USING (field)
  WHERE n.value IS DISTINCT FROM o.value ORDER BY n.n;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_changed AFTER UPDATE OF status, owner, type, organisation, resolution,
    merged_into, grouped_into, expires ON ticket
  FOR EACH ROW WHEN ((OLD.status, OLD.owner, OLD.type, OLD.organisation, OLD.resolution,
      OLD.merged_into, OLD.grouped_into, OLD.expires)
    IS DISTINCT FROM (NEW.status, NEW.owner, NEW.type, NEW.organisation, NEW.resolution,
      NEW.merged_into, NEW.grouped_into, NEW.expires))
  EXECUTE FUNCTION ticket_changed();

-- A report of intake begins as its row says (type and organisation are what
-- was read); all else that is made is told.
CREATE FUNCTION ticket_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deed_change (deed, ticket, field, new) VALUES (deed_now(), NEW.number, 'made', NEW.kind);
  INSERT INTO deed_change (deed, ticket, field, new)
  SELECT deed_now(), NEW.number, s.field, s.value FROM ticket_state(NEW) s
  WHERE s.value IS DISTINCT FROM CASE s.field WHEN 'status' THEN status_at_first(NEW.kind) END
  ORDER BY s.n;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_made AFTER INSERT ON ticket
  FOR EACH ROW WHEN (NEW.kind <> 'report' OR NEW.status <> 'new' OR NEW.owner IS NOT NULL)
  EXECUTE FUNCTION ticket_made();

-- What was there before the log: where it differs from how its kind begins.
INSERT INTO deed_change (ticket, field, new)
SELECT t.number, s.field, s.value FROM ticket t CROSS JOIN LATERAL ticket_state(t) s
WHERE s.field NOT IN ('type', 'organisation')
  AND s.value IS DISTINCT FROM CASE s.field WHEN 'status' THEN status_at_first(t.kind) END;

CREATE FUNCTION link_checked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  above ticket;
  below ticket;
BEGIN
  SELECT * INTO above FROM ticket WHERE number = NEW.incident FOR UPDATE;
  SELECT * INTO below FROM ticket WHERE number = NEW.child FOR UPDATE;
  IF above.kind <> 'incident' THEN
    RAISE 'Ticket #% is no incident, but a %.', above.number, above.kind;
  ELSIF below.kind = 'incident' THEN
    RAISE 'Ticket #% is an incident itself: merge the two.', below.number;
  ELSIF above.merged_into IS NOT NULL OR below.merged_into IS NOT NULL THEN
    RAISE 'Ticket #% was merged into another.',
      CASE WHEN above.merged_into IS NULL THEN below.number ELSE above.number END;
  ELSIF below.kind <> 'report' AND EXISTS (
      SELECT FROM ticket_link WHERE child = NEW.child AND incident <> NEW.incident) THEN
    RAISE '% #% belongs to another incident already.', initcap(below.kind), below.number;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER link_checked BEFORE INSERT ON ticket_link
  FOR EACH ROW EXECUTE FUNCTION link_checked();

-- Derived from links and states, for every writer: `held` of what hangs on an
-- incident, and the incident's due date, the earliest of what is active
-- below it (its own, while nothing is).
CREATE FUNCTION case_hold(n bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE ticket t SET held = h.held
  FROM (SELECT EXISTS (SELECT FROM ticket_link l JOIN ticket i ON i.number = l.incident
          WHERE l.child = n AND is_active(i.status)) AS held) h
  WHERE t.number = n AND t.held <> h.held
$$;
CREATE FUNCTION case_roll_up(n bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE ticket t SET due = d.due
  FROM (SELECT min(c.due) AS due FROM ticket_link l JOIN ticket c ON c.number = l.child
        WHERE l.incident = n AND is_active(c.status)) d
  WHERE t.number = n AND d.due IS NOT NULL AND t.due IS DISTINCT FROM d.due
$$;

CREATE FUNCTION link_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO deed_change (deed, ticket, field, item, new)
    VALUES (deed_now(), NEW.child, 'link', NEW.incident, NEW.incident);
    PERFORM case_hold(NEW.child), case_roll_up(NEW.incident);
  ELSE
    INSERT INTO deed_change (deed, ticket, field, item, old)
    VALUES (deed_now(), OLD.child, 'link', OLD.incident, OLD.incident);
    PERFORM case_hold(OLD.child), case_roll_up(OLD.incident);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER link_changed AFTER INSERT OR DELETE ON ticket_link
  FOR EACH ROW EXECUTE FUNCTION link_changed();

CREATE FUNCTION case_state_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'incident' THEN
    PERFORM case_hold(l.child) FROM ticket_link l WHERE l.incident = NEW.number;
    PERFORM case_roll_up(NEW.number);
  ELSE
    PERFORM case_roll_up(l.incident) FROM ticket_link l WHERE l.child = NEW.number;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER incident_opens_or_closes AFTER UPDATE OF status ON ticket
  FOR EACH ROW WHEN (NEW.kind = 'incident' AND is_active(OLD.status) <> is_active(NEW.status))
  EXECUTE FUNCTION case_state_changed();
CREATE TRIGGER child_due_changes AFTER UPDATE OF status, due ON ticket
  FOR EACH ROW WHEN (NEW.held AND NEW.kind <> 'incident' AND
    (is_active(OLD.status) <> is_active(NEW.status) OR OLD.due IS DISTINCT FROM NEW.due))
  EXECUTE FUNCTION case_state_changed();

CREATE FUNCTION part_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deed_change (deed, ticket, field, item, old, new)
  VALUES (deed_now(), coalesce(NEW.ticket, OLD.ticket), TG_TABLE_NAME, NEW.id, OLD.ticket, NEW.ticket);
  RETURN NULL;
END $$;
CREATE TRIGGER message_moved AFTER UPDATE OF ticket ON message
  FOR EACH ROW WHEN (OLD.ticket IS DISTINCT FROM NEW.ticket AND OLD.ticket IS NOT NULL)
  EXECUTE FUNCTION part_moved();
CREATE TRIGGER event_moved AFTER UPDATE OF ticket ON event
  FOR EACH ROW WHEN (OLD.ticket IS DISTINCT FROM NEW.ticket)
  EXECUTE FUNCTION part_moved();

CREATE FUNCTION about_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO deed_change (deed, ticket, field, item, new)
    VALUES (deed_now(), NEW.ticket, 'about', NEW.event, NEW.ticket);
  ELSE
    INSERT INTO deed_change (deed, ticket, field, item, old)
    VALUES (deed_now(), OLD.ticket, 'about', OLD.event, OLD.ticket);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER about_changed AFTER INSERT OR DELETE ON ticket_about
  FOR EACH ROW EXECUTE FUNCTION about_changed();

-- The state of tickets as the log tells it; with the stored one beside, it
-- must never differ.  The log of a field must be a chain, too.
CREATE FUNCTION case_differences(which bigint DEFAULT NULL)  -- NULL: all tickets
RETURNS TABLE (ticket bigint, field text, stored text, rebuilt text) LANGUAGE sql STABLE AS $$
  WITH last AS (
    SELECT DISTINCT ON (c.ticket, c.field) c.ticket, c.field, c.new
    FROM deed_change c
    WHERE c.field IN ('status', 'owner', 'type', 'organisation', 'resolution', 'merged_into',
        'grouped_into', 'expires') AND (which IS NULL OR c.ticket = which)
    ORDER BY c.ticket, c.field, c.id DESC
  ), links AS (
    SELECT DISTINCT ON (c.ticket, c.item) c.ticket, c.item, c.new
    FROM deed_change c WHERE c.field = 'link' AND (which IS NULL OR c.ticket = which)
    ORDER BY c.ticket, c.item, c.id DESC
  )
  SELECT t.number, s.field, s.value, CASE WHEN l.field IS NOT NULL THEN l.new
    WHEN s.field = 'status' THEN status_at_first(t.kind) END
  FROM ticket t CROSS JOIN LATERAL ticket_state(t) s
  LEFT JOIN last l ON l.ticket = t.number AND l.field = s.field
  WHERE (which IS NULL OR t.number = which)
    -- What intake read is where a report begins.
    AND (l.field IS NOT NULL OR s.field NOT IN ('type', 'organisation'))
    AND s.value IS DISTINCT FROM CASE WHEN l.field IS NOT NULL THEN l.new
      WHEN s.field = 'status' THEN status_at_first(t.kind) END
  UNION ALL
  SELECT coalesce(k.child, l.ticket), 'link', k.incident::text, l.new
  FROM (SELECT * FROM ticket_link k WHERE which IS NULL OR k.child = which) k
  FULL JOIN (SELECT * FROM links WHERE new IS NOT NULL) l ON l.ticket = k.child AND l.item = k.incident
  WHERE k.child IS NULL OR l.ticket IS NULL
  UNION ALL
  SELECT c.ticket, c.field || ' chain', c.before, c.old
  FROM (SELECT c.ticket, c.field, c.old, lag(c.new) OVER w AS before, row_number() OVER w AS nth
        FROM deed_change c
        WHERE c.field IN ('status', 'owner', 'resolution', 'merged_into', 'grouped_into', 'expires')
          AND (which IS NULL OR c.ticket = which)
        WINDOW w AS (PARTITION BY c.ticket, c.field ORDER BY c.id)) c
  WHERE c.nth > 1 AND c.before IS DISTINCT FROM c.old
  UNION ALL
  SELECT i.number, 'held', i.held::text, (NOT i.held)::text FROM ticket i
  WHERE (which IS NULL OR i.number = which) AND i.held <> EXISTS (
    SELECT FROM ticket_link l JOIN ticket p ON p.number = l.incident
    WHERE l.child = i.number AND is_active(p.status))
$$;

-- Undoes all changes of a deed, the last first, in a deed of its own that has
-- begun.  What was changed again since is not overwritten: nothing is done,
-- and the error names it.  What the deed made stays, closed: a number once
-- given always resolves, and mail that left has left.
CREATE FUNCTION deed_undo(undone bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  c record;
  t ticket;
  was text;
  n bigint := 0;
BEGIN
  PERFORM FROM ticket WHERE number IN (SELECT ticket FROM deed_change WHERE deed = undone)
    ORDER BY number FOR UPDATE;
  FOR c IN SELECT * FROM deed_change WHERE deed = undone ORDER BY id DESC LOOP
    n := n + 1;
    IF c.field = 'link' AND c.new IS NOT NULL THEN
      DELETE FROM ticket_link WHERE incident = c.item AND child = c.ticket;
    ELSIF c.field = 'link' THEN
      INSERT INTO ticket_link (incident, child) VALUES (c.item, c.ticket) ON CONFLICT DO NOTHING;
    ELSIF c.field = 'about' AND c.new IS NOT NULL THEN
      DELETE FROM ticket_about WHERE ticket = c.ticket AND event = c.item;
    ELSIF c.field = 'about' THEN
      INSERT INTO ticket_about (ticket, event) VALUES (c.ticket, c.item) ON CONFLICT DO NOTHING;
    ELSIF c.field = 'message' THEN
      UPDATE message SET ticket = c.old::bigint WHERE id = c.item AND ticket = c.new::bigint;
    ELSIF c.field = 'event' THEN
      UPDATE event SET ticket = c.old::bigint WHERE id = c.item AND ticket = c.new::bigint;
    ELSIF c.field = 'notice' THEN
      UPDATE notice SET ticket = c.old::bigint WHERE id = c.item AND ticket = c.new::bigint;
    ELSIF c.field = 'party' THEN
      DELETE FROM ticket_party WHERE ticket = c.ticket AND email = c.new;
    ELSIF c.field = 'made' THEN
      SELECT * INTO t FROM ticket WHERE number = c.ticket;
      IF is_active(t.status) THEN
        UPDATE ticket SET status = CASE kind WHEN 'incident' THEN 'abandoned'
            WHEN 'countermeasure' THEN 'removed' ELSE 'resolved' END,
          -- A report is made by splitting another: its number leads back.
          merged_into = CASE kind WHEN 'report' THEN (SELECT ticket FROM deed WHERE id = undone) END,
          closed = now(), waiting = NULL, version = version + 1, updated = now()
        WHERE number = c.ticket;
      END IF;
    -- (With which a ticket was made, that goes with the ticket.)
    ELSIF NOT EXISTS (SELECT FROM deed_change m WHERE m.deed = undone AND m.ticket = c.ticket AND m.field = 'made') THEN
      SELECT * INTO t FROM ticket WHERE number = c.ticket;
      SELECT value INTO was FROM ticket_state(t) s WHERE s.field = c.field;
      IF was IS DISTINCT FROM c.new THEN
        RAISE 'Ticket #% was changed since (its % is "%"), so this is not undone.',
          c.ticket, replace(c.field, '_', ' '), coalesce(was, 'none');
      END IF;
      UPDATE ticket SET
        status = CASE c.field WHEN 'status' THEN c.old ELSE status END,
        owner = CASE c.field WHEN 'owner' THEN c.old::bigint ELSE owner END,
        type = CASE c.field WHEN 'type' THEN c.old ELSE type END,
        organisation = CASE c.field WHEN 'organisation' THEN c.old::bigint ELSE organisation END,
        resolution = CASE c.field WHEN 'resolution' THEN c.old ELSE resolution END,
        grouped_into = CASE c.field WHEN 'grouped_into' THEN c.old::bigint ELSE grouped_into END,
        reports = CASE c.field WHEN 'grouped_into' THEN 1 ELSE reports END,
        merged_into = CASE c.field WHEN 'merged_into' THEN c.old::bigint ELSE merged_into END,
        expires = CASE c.field WHEN 'expires' THEN c.old::timestamptz ELSE expires END,
        closed = CASE WHEN c.field <> 'status' THEN closed WHEN is_active(c.old) THEN NULL ELSE coalesce(closed, now()) END,
        version = version + 1, updated = now()
      WHERE number = c.ticket;
    END IF;
  END LOOP;
  UPDATE ticket l SET reports = f.reports
  FROM (SELECT x.lead, (SELECT 1 + count(*) FROM ticket m WHERE m.grouped_into = x.lead) AS reports
        FROM (SELECT DISTINCT unnest(ARRAY[d.old, d.new])::bigint AS lead FROM deed_change d
              WHERE d.deed = undone AND d.field = 'grouped_into') x) f
  WHERE l.number = f.lead AND l.reports <> f.reports;
  RETURN n;
END $$;

-- A notice: what an outside party was asked, and what came of it.
CREATE TABLE notice (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket        bigint NOT NULL REFERENCES ticket,   -- the thread with that party
  organisation  bigint REFERENCES organisation,      -- NULL: outside the constituency
  party         text NOT NULL CHECK (party <> ''),   -- its name as shown
  message       bigint NOT NULL REFERENCES message,  -- the mail it went out with
  sent          timestamptz NOT NULL DEFAULT now(),
  answer_by     timestamptz NOT NULL,                -- as the mail says
  received      timestamptz,                         -- the first sign of life, of a robot too
  result        text CHECK (result IN ('CLEANED', 'NOT-TRACED', 'AUTHORISED', 'NEED-MORE')),
  result_at     timestamptz,
  result_by     text CHECK (result_by IN ('reply', 'link', 'analyst', 'robot')),
  level         int NOT NULL DEFAULT 0,              -- reminders and escalations so far
  next_at       timestamptz,                         -- of the next; NULL: the clock stands
  CHECK ((result IS NULL) = (result_at IS NULL)),
  CHECK ((result IS NULL) = (result_by IS NULL))
);
CREATE INDEX notice_ticket ON notice (ticket, id);
CREATE INDEX notice_next ON notice (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX notice_open ON notice (organisation, id) WHERE result IS NULL;

CREATE TRIGGER notice_moved AFTER UPDATE OF ticket ON notice
  FOR EACH ROW WHEN (OLD.ticket IS DISTINCT FROM NEW.ticket)
  EXECUTE FUNCTION part_moved();

-- What the desk filters by (as before; and by kind).  An open incident stands
-- for what hangs on it, except where somebody waits for an answer.
DROP FUNCTION ticket_matching(text, text, text, text, text, inet, bigint, boolean);
CREATE FUNCTION ticket_matching(
  want_status text,   -- NULL: not closed; any; or a status
  want_view text,     -- new mine unowned waiting overdue answered
  want_type text,     -- RSIT class or "class/type"
  want_org text,      -- part of a name, or a handle
  words text,         -- in subject or messages, or a number
  addr inet,          -- address or prefix of an event
  me bigint,
  folded boolean,     -- also those that another one stands for
  want_kind text)     -- report incident investigation countermeasure
RETURNS SETOF ticket LANGUAGE sql STABLE AS $$
  SELECT t.* FROM ticket t
  WHERE (want_status = 'any' OR t.status = want_status
         OR (want_status IS NULL AND want_view = 'answered')
         OR (want_status IS NULL
             AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')))
    AND (folded OR (t.grouped_into IS NULL
      AND (NOT t.held OR want_kind IS NOT NULL OR want_view IN ('waiting', 'overdue', 'answered'))))
    AND (want_kind IS NULL OR t.kind = want_kind)
    AND (want_view IS NULL
         OR (want_view = 'new' AND t.status = 'new')
         OR (want_view = 'mine' AND t.owner = me)
         OR (want_view = 'unowned' AND t.owner IS NULL)
         OR (want_view = 'waiting' AND t.waiting IS NOT NULL)
         OR (want_view = 'overdue' AND t.due < now() AND t.kind <> 'incident')
         OR (want_view = 'answered' AND t.answered IS NOT NULL))
    AND (want_type IS NULL OR t.type = want_type OR t.type LIKE want_type || '/%')
    AND (want_org IS NULL
         OR t.organisation IN (SELECT o.id FROM organisation o
            WHERE o.name ILIKE '%' || want_org || '%' OR o.handle = lower(want_org)))
    AND (words IS NULL OR t.subject ILIKE '%' || words || '%'
         OR t.number::text = ltrim(words, '#')
         OR t.number IN (SELECT m.ticket FROM message m
            WHERE to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
                  @@ plainto_tsquery('simple', words) AND m.ticket IS NOT NULL))
    AND (addr IS NULL
         OR t.number IN (SELECT e.ticket FROM event e WHERE e.source_ip <<= addr)
         OR t.number IN (SELECT e.ticket FROM event e WHERE e.destination_ip <<= addr))
$$;
CREATE INDEX ticket_waiting ON ticket (waiting) WHERE waiting IS NOT NULL;
