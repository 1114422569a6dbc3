-- Who may not see a ticket is known from ticket_reader alone: a small table,
-- whatever the statistics say of the large one.  So what is restricted has a
-- reader, always, and what is not has none.
CREATE FUNCTION somebody_reads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'ticket' THEN
    IF NOT EXISTS (SELECT FROM ticket_reader WHERE ticket = NEW.number) THEN
      RAISE 'Ticket #% is restricted, and nobody is named to see it.', NEW.number;
    END IF;
  ELSIF EXISTS (SELECT FROM gone g JOIN ticket t ON t.number = g.ticket AND t.restricted
      WHERE NOT EXISTS (SELECT FROM ticket_reader r WHERE r.ticket = g.ticket)) THEN
    RAISE 'Somebody has to see a restricted ticket.';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER somebody_reads AFTER INSERT OR UPDATE OF restricted ON ticket
  FOR EACH ROW WHEN (NEW.restricted) EXECUTE FUNCTION somebody_reads();
CREATE TRIGGER somebody_reads AFTER DELETE ON ticket_reader
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION somebody_reads();
DROP INDEX ticket_restricted;
CREATE INDEX ticket_restricted ON ticket (number DESC) WHERE restricted;  -- for their list

-- What the desk asks through.  Made again behind every migration
-- (server/db/migrate.c); one that drops a column or changes its type begins
-- with DROP SCHEMA desk CASCADE.
CREATE OR REPLACE FUNCTION desk_views() RETURNS void LANGUAGE plpgsql AS $make$
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
  -- A query asks once (in an InitPlan).
  EXECUTE format($f$
    CREATE FUNCTION desk.hidden() RETURNS bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $b$
    DECLARE
      me bigint := coalesce(nullif(current_setting('tocsin.me', true), ''), '0')::bigint;
    BEGIN
      IF me = -1 THEN
        RETURN '{}';
      END IF;
      RETURN ARRAY(SELECT DISTINCT r.ticket FROM %1$I.ticket_reader r WHERE NOT EXISTS (
        SELECT FROM %1$I.ticket_reader m WHERE m.ticket = r.ticket AND m.principal = me));
    END $b$;
    CREATE FUNCTION desk.sees_all() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $b$
    BEGIN
      RETURN desk.hidden() = '{}';
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
    -- A row is looked at only for who does not see all.  Where nothing is
    -- restricted, that is known from an empty table.
    EXECUTE format('CREATE VIEW desk.%1$I AS SELECT x.* FROM %2$I.%1$I x WHERE
        (SELECT NOT EXISTS (SELECT FROM %2$I.ticket_reader) OR desk.sees_all())
        OR (%3$s%4$s)',
      c.relname, home, c.shown, CASE c.relname
        WHEN 'deed' THEN ' AND x.id <> ALL ((SELECT desk.hidden_deeds())::bigint[])'
        WHEN 'audit' THEN (SELECT string_agg(format(
            ' AND (x.%1$I IS NULL OR x.%1$I <> ALL ((SELECT desk.hidden_words())::text[]))', w), '')
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
