-- Restricted tickets: only those who are named see them.
--
-- The pages and the API read every table that knows a ticket through a view
-- of the same name in the schema `desk`, which stands first in the search
-- path of their connections (db_pool_desk(), server/db/db.h).  So no query
-- can forget it, and a table that is made later is found by its columns.
-- Intake, senders, timers and the tools read the tables themselves.
-- (Row level security would do the same, but not for a superuser, as whom
-- the private cluster is used, and not where a site may make no role.)

ALTER TABLE ticket
  ADD COLUMN restricted boolean NOT NULL DEFAULT false,
  ADD COLUMN restricted_why text CHECK (octet_length(restricted_why) <= 2000);
CREATE INDEX ticket_restricted ON ticket (number) WHERE restricted;
-- (As before; with what the view of the desk looks at, so that counting still
-- reads the index alone.)
DROP INDEX ticket_counted;
CREATE INDEX ticket_counted ON ticket (due)
  INCLUDE (status, owner, kind, held, waiting, restricted, number)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed') AND grouped_into IS NULL;

CREATE TABLE ticket_reader (
  ticket     bigint NOT NULL REFERENCES ticket,
  principal  bigint NOT NULL REFERENCES principal,
  by         bigint REFERENCES principal,         -- NULL: it follows from another ticket
  at         timestamptz NOT NULL DEFAULT now(),
  glass      text,                                -- an admin's reason to name himself
  PRIMARY KEY (ticket, principal)
);
CREATE INDEX ticket_reader_principal ON ticket_reader (principal);

-- What the desk asks through.  Made again behind every migration
-- (server/db/migrate.c); one that drops a column or changes its type begins
-- with DROP SCHEMA desk CASCADE.
CREATE FUNCTION desk_views() RETURNS void LANGUAGE plpgsql AS $make$
DECLARE
  home name := current_schema();
  c record;
BEGIN
  IF home = 'desk' THEN
    RAISE 'desk_views() is for a connection that sees the tables.';
  END IF;
  DROP SCHEMA IF EXISTS desk CASCADE;
  CREATE SCHEMA desk;
  -- Who asks: tocsin.me, a principal; not set: nobody; -1: the house itself.
  -- A query asks once (in an InitPlan), and mostly the answer is none.
  EXECUTE format($f$
    CREATE FUNCTION desk.hidden() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $b$
    DECLARE
      me bigint := coalesce(nullif(current_setting('tocsin.me', true), ''), '0')::bigint;
    BEGIN
      IF me = -1 THEN
        RETURN '{}';
      END IF;
      RETURN ARRAY(SELECT t.number FROM %1$I.ticket t WHERE t.restricted AND NOT EXISTS (
        SELECT FROM %1$I.ticket_reader r WHERE r.ticket = t.number AND r.principal = me));
    END $b$;
    CREATE FUNCTION desk.hidden_messages() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $b$
    DECLARE
      h bigint[] := desk.hidden();
    BEGIN
      IF h = '{}' THEN
        RETURN h;
      END IF;
      RETURN ARRAY(SELECT m.id FROM %1$I.message m WHERE m.ticket = ANY (h));
    END $b$;
    -- An act that touched one of them cannot be undone by who does not see it.
    CREATE FUNCTION desk.hidden_deeds() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $b$
    DECLARE
      h bigint[] := desk.hidden();
    BEGIN
      IF h = '{}' THEN
        RETURN h;
      END IF;
      RETURN ARRAY(SELECT DISTINCT d.deed FROM %1$I.deed_change d
        WHERE d.ticket = ANY (h) AND d.deed IS NOT NULL);
    END $b$;
    -- As the trail of another ticket names them.
    CREATE FUNCTION desk.hidden_words() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $b$
      SELECT coalesce(array_agg(w.before || h.number), '{}')
      FROM unnest(desk.hidden()) h (number),
        unnest('{#,"ticket ","with ticket "}'::text[]) w (before)
    $b$;
    CREATE VIEW desk.ticket AS SELECT x.* FROM %1$I.ticket x
      WHERE NOT x.restricted OR x.number <> ALL ((SELECT desk.hidden())::bigint[])
  $f$, home);
  FOR c IN
    WITH knows AS (
      SELECT t.oid, t.relname, a.attname, a.attnum, a.attnotnull,
        coalesce(k.confrelid, 'ticket'::regclass) = 'ticket'::regclass AS ticket
      FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_constraint k ON k.contype = 'f' AND k.conrelid = t.oid
        AND k.conkey = ARRAY[a.attnum] AND k.confrelid IN ('ticket'::regclass, 'message'::regclass)
      WHERE t.relnamespace = home::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition
        AND (k.oid IS NOT NULL OR (a.attname = 'ticket' AND a.atttypid = 'bigint'::regtype))
        AND t.relname NOT IN ('ticket',
          'zone_rule')  -- a rule is for all; where it was made, its query asks of ticket
    )
    SELECT n.relname, string_agg(format('(%sx.%I <> ALL ((SELECT desk.%s())::bigint[]))',
        CASE WHEN NOT n.attnotnull THEN format('x.%I IS NULL OR ', n.attname) END, n.attname,
        CASE WHEN n.ticket THEN 'hidden' ELSE 'hidden_messages' END), ' AND ' ORDER BY n.attnum) AS shown
    FROM knows n
    -- What is on a ticket goes with the ticket, else with its message.
    WHERE n.ticket OR (n.relname <> 'message'
      AND NOT EXISTS (SELECT FROM knows o WHERE o.oid = n.oid AND o.ticket))
    GROUP BY n.relname
  LOOP
    EXECUTE format('CREATE VIEW desk.%1$I AS SELECT x.* FROM %2$I.%1$I x WHERE %3$s%4$s',
      c.relname, home, c.shown, CASE c.relname
        WHEN 'deed' THEN ' AND x.id <> ALL ((SELECT desk.hidden_deeds())::bigint[])'
        WHEN 'audit' THEN (SELECT string_agg(format(
            ' AND (x.%1$I IS NULL OR (x.%1$I NOT LIKE ''#%%'' AND x.%1$I NOT LIKE ''ticket %%''
               AND x.%1$I NOT LIKE ''with ticket %%'') OR x.%1$I <> ALL ((SELECT desk.hidden_words())::text[]))', w), '')
          FROM unnest('{object,old,new}'::text[]) w)
        ELSE '' END);
  END LOOP;
  -- A row of a view is one of its table, for functions that take one.
  FOR c IN SELECT v.relname FROM pg_class v WHERE v.relnamespace = 'desk'::regnamespace AND v.relkind = 'v' LOOP
    EXECUTE format('CREATE FUNCTION desk.row_of(x desk.%1$I) RETURNS %2$I.%1$I LANGUAGE sql IMMUTABLE AS
      $b$ SELECT ROW(x.*)::%2$I.%1$I $b$;
      CREATE CAST (desk.%1$I AS %2$I.%1$I) WITH FUNCTION desk.row_of(desk.%1$I) AS IMPLICIT', c.relname, home);
  END LOOP;
  -- What follows from an act, and undoing, is the same whoever acts.
  FOR c IN
    SELECT p.oid::regprocedure AS f FROM pg_proc p
    WHERE p.pronamespace = home::regnamespace AND p.proconfig IS NULL
      AND (p.prorettype = 'trigger'::regtype OR p.proname IN ('deed_undo', 'case_differences'))
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I', c.f, home);
  END LOOP;
END $make$;

-- The log knows who may see a ticket:
--   field  restricted: "yes" or null;  reader: item is the principal
CREATE OR REPLACE FUNCTION ticket_state(t ticket)
RETURNS TABLE (n int, field text, value text) LANGUAGE sql STABLE AS $$
  VALUES (1, 'status', t.status), (2, 'owner', t.owner::text), (3, 'type', t.type),
    (4, 'organisation', t.organisation::text), (5, 'resolution', t.resolution),
    (6, 'expires', to_char(t.expires AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
    (7, 'grouped_into', t.grouped_into::text), (8, 'merged_into', t.merged_into::text),
    (9, 'restricted', CASE WHEN t.restricted THEN 'yes' END)
$$;
CREATE TRIGGER ticket_restricted AFTER UPDATE OF restricted ON ticket
  FOR EACH ROW WHEN (OLD.restricted <> NEW.restricted AND (OLD.status, OLD.owner, OLD.type,
      OLD.organisation, OLD.resolution, OLD.merged_into, OLD.grouped_into, OLD.expires)
    IS NOT DISTINCT FROM (NEW.status, NEW.owner, NEW.type, NEW.organisation, NEW.resolution,
      NEW.merged_into, NEW.grouped_into, NEW.expires))
  EXECUTE FUNCTION ticket_changed();

CREATE FUNCTION reader_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO deed_change (deed, ticket, field, item, new)
    VALUES (deed_now(), NEW.ticket, 'reader', NEW.principal, NEW.principal);
  ELSE
    IF EXISTS (SELECT FROM ticket t WHERE t.number = OLD.ticket AND t.restricted
        AND t.owner = OLD.principal) THEN
      RAISE 'Who owns ticket #% has to see it: give it to another first.', OLD.ticket;
    END IF;
    INSERT INTO deed_change (deed, ticket, field, item, old)
    VALUES (deed_now(), OLD.ticket, 'reader', OLD.principal, OLD.principal);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reader_changed AFTER INSERT OR DELETE ON ticket_reader
  FOR EACH ROW EXECUTE FUNCTION reader_changed();

CREATE FUNCTION owner_reads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ticket_reader WHERE ticket = NEW.number AND principal = NEW.owner) THEN
    RAISE 'Ticket #% is restricted, and its new owner is not named to see it.', NEW.number;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER owner_reads AFTER UPDATE OF owner, restricted ON ticket
  FOR EACH ROW WHEN (NEW.restricted AND NEW.owner IS NOT NULL
    AND (NOT OLD.restricted OR NEW.owner IS DISTINCT FROM OLD.owner))
  EXECUTE FUNCTION owner_reads();

-- What is made of a restricted ticket, in the same transaction, is as
-- restricted; for every writer.
CREATE FUNCTION restrict_as(example bigint, other bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ticket_reader (ticket, principal)
  SELECT other, principal FROM ticket_reader WHERE ticket = example
  UNION SELECT other, owner FROM ticket WHERE number = other AND owner IS NOT NULL
  ON CONFLICT DO NOTHING;
  UPDATE ticket SET restricted = true, restricted_why = 'as #' || example, sorted = true, source = NULL
  WHERE number = other AND NOT restricted;
  INSERT INTO audit (actor, action, ticket, object)
  VALUES ('system', 'ticket.restrict', other, 'ticket ' || example);
END $$;

-- Are two tickets shown to the same people?  What is new follows.
CREATE FUNCTION restricted_alike(a bigint, b bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  x ticket;
  y ticket;
BEGIN
  IF NOT EXISTS (SELECT FROM ticket WHERE number IN (a, b) AND restricted) THEN
    RETURN;
  END IF;
  SELECT * INTO x FROM ticket WHERE number = a;
  SELECT * INTO y FROM ticket WHERE number = b;
  IF x.restricted AND NOT y.restricted AND y.created = now() THEN
    PERFORM restrict_as(a, b);
  ELSIF x.restricted <> y.restricted OR EXISTS (
      (SELECT principal FROM ticket_reader WHERE ticket = a EXCEPT SELECT principal FROM ticket_reader WHERE ticket = b)
      UNION ALL
      (SELECT principal FROM ticket_reader WHERE ticket = b EXCEPT SELECT principal FROM ticket_reader WHERE ticket = a)) THEN
    RAISE 'Tickets #% and #% are not shown to the same people: restrict both to the same, or lift it, first.', a, b;
  END IF;
END $$;

CREATE FUNCTION moved_between() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM restricted_alike(OLD.ticket, NEW.ticket);
  RETURN NULL;
END $$;
CREATE TRIGGER message_moved_between AFTER UPDATE OF ticket ON message
  FOR EACH ROW WHEN (OLD.ticket <> NEW.ticket) EXECUTE FUNCTION moved_between();
CREATE TRIGGER event_moved_between AFTER UPDATE OF ticket ON event
  FOR EACH ROW WHEN (OLD.ticket <> NEW.ticket) EXECUTE FUNCTION moved_between();
CREATE TRIGGER notice_moved_between AFTER UPDATE OF ticket ON notice
  FOR EACH ROW WHEN (OLD.ticket <> NEW.ticket) EXECUTE FUNCTION moved_between();

-- Merged, or folded: one number then stands for both.
CREATE FUNCTION stands_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM restricted_alike(NEW.number, coalesce(NEW.merged_into, NEW.grouped_into));
  RETURN NULL;
END $$;
CREATE TRIGGER stands_for AFTER UPDATE OF merged_into, grouped_into ON ticket
  FOR EACH ROW WHEN (coalesce(NEW.merged_into, NEW.grouped_into) IS NOT NULL
    AND coalesce(NEW.merged_into, NEW.grouped_into) IS DISTINCT FROM coalesce(OLD.merged_into, OLD.grouped_into))
  EXECUTE FUNCTION stands_for();

-- What hangs on a restricted incident is restricted, but a report may be
-- known to others.  A new incident is as its report is; one that was there
-- does not take a restricted report, which it would show.
CREATE FUNCTION link_restricts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  l record;
BEGIN
  FOR l IN
    SELECT i.number AS incident, i.restricted AS above, i.created = now() AS above_is_new,
      c.number AS child, c.kind, c.restricted AS below, c.created = now() AS below_is_new
    FROM fresh f JOIN ticket i ON i.number = f.incident JOIN ticket c ON c.number = f.child
    WHERE i.restricted OR c.restricted ORDER BY c.number
  LOOP
    IF l.above AND NOT l.below AND l.kind <> 'report' THEN
      PERFORM restrict_as(l.incident, l.child);
    ELSIF l.below AND NOT l.above AND l.above_is_new THEN
      PERFORM restrict_as(l.child, l.incident);
      PERFORM restrict_as(l.incident, o.number) FROM ticket_link k JOIN ticket o ON o.number = k.child
      WHERE k.incident = l.incident AND o.kind <> 'report' AND NOT o.restricted;
    ELSIF l.below AND NOT l.above AND NOT l.below_is_new THEN
      RAISE 'Ticket #% is restricted and incident #% is not: restrict the incident first.', l.child, l.incident;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER link_restricts AFTER INSERT ON ticket_link
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION link_restricts();

-- Nor does a thread about rows of a restricted report show them.
CREATE FUNCTION about_restricts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM restrict_as(x.example, x.other) FROM (
    SELECT min(r.number) AS example, t.number AS other
    FROM fresh f JOIN event e ON e.id = f.event
    JOIN ticket r ON r.number = e.ticket AND r.restricted
    JOIN ticket t ON t.number = f.ticket AND NOT t.restricted
    GROUP BY t.number) x;
  RETURN NULL;
END $$;
CREATE TRIGGER about_restricts AFTER INSERT ON ticket_about
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION about_restricts();

-- A stranger who writes of a restricted ticket may quote it.
CREATE FUNCTION claim_restricts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM restrict_as(t.number, NEW.number) FROM ticket o
  JOIN ticket t ON t.number = coalesce(o.merged_into, o.number)
  WHERE o.number = NEW.claims AND t.restricted;
  RETURN NULL;
END $$;
CREATE TRIGGER claim_restricts AFTER INSERT ON ticket
  FOR EACH ROW WHEN (NEW.claims IS NOT NULL) EXECUTE FUNCTION claim_restricts();

-- (As before; with who may see it.)
CREATE OR REPLACE FUNCTION case_differences(which bigint DEFAULT NULL)  -- NULL: all tickets
RETURNS TABLE (ticket bigint, field text, stored text, rebuilt text) LANGUAGE sql STABLE AS $$
  WITH last AS (
    SELECT DISTINCT ON (c.ticket, c.field) c.ticket, c.field, c.new
    FROM deed_change c
    WHERE c.field IN ('status', 'owner', 'type', 'organisation', 'resolution', 'merged_into',
        'grouped_into', 'expires', 'restricted') AND (which IS NULL OR c.ticket = which)
    ORDER BY c.ticket, c.field, c.id DESC
  ), readers AS (
    SELECT DISTINCT ON (c.ticket, c.item) c.ticket, c.item, c.new
    FROM deed_change c WHERE c.field = 'reader' AND (which IS NULL OR c.ticket = which)
    ORDER BY c.ticket, c.item, c.id DESC
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
  SELECT coalesce(k.ticket, l.ticket), 'reader', k.principal::text, l.new
  FROM (SELECT * FROM ticket_reader k WHERE which IS NULL OR k.ticket = which) k
  FULL JOIN (SELECT * FROM readers WHERE new IS NOT NULL) l ON l.ticket = k.ticket AND l.item = k.principal
  WHERE k.ticket IS NULL OR l.ticket IS NULL
  UNION ALL
  SELECT c.ticket, c.field || ' chain', c.before, c.old
  FROM (SELECT c.ticket, c.field, c.old, lag(c.new) OVER w AS before, row_number() OVER w AS nth
        FROM deed_change c
        WHERE c.field IN ('status', 'owner', 'resolution', 'merged_into', 'grouped_into', 'expires',
            'restricted')
          AND (which IS NULL OR c.ticket = which)
        WINDOW w AS (PARTITION BY c.ticket, c.field ORDER BY c.id)) c
  WHERE c.nth > 1 AND c.before IS DISTINCT FROM c.old
  UNION ALL
  SELECT i.number, 'held', i.held::text, (NOT i.held)::text FROM ticket i
  WHERE (which IS NULL OR i.number = which) AND i.held <> EXISTS (
    SELECT FROM ticket_link l JOIN ticket p ON p.number = l.incident
    WHERE l.child = i.number AND is_active(p.status))
$$;

CREATE OR REPLACE FUNCTION deed_undo(undone bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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
    ELSIF c.field = 'reader' THEN
      -- (Those with whom a ticket was made stay with it.)
      IF c.new IS NULL THEN
        INSERT INTO ticket_reader (ticket, principal) VALUES (c.ticket, c.item) ON CONFLICT DO NOTHING;
      ELSIF NOT EXISTS (SELECT FROM deed_change m WHERE m.deed = undone AND m.ticket = c.ticket AND m.field = 'made') THEN
        DELETE FROM ticket_reader WHERE ticket = c.ticket AND principal = c.item;
      END IF;
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
        restricted = CASE c.field WHEN 'restricted' THEN c.old IS NOT NULL ELSE restricted END,
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

SELECT desk_views();
