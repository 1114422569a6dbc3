-- Reports of the same thing - member, address or prefix, type, within a time
-- that fits the type - are one line of the queue.  Each keeps its number,
-- evidence, thread and reporter; one of them leads, the others are folded
-- into it, and each can be taken out again.

CREATE TABLE report_window (
  type         text PRIMARY KEY,   -- RSIT class or "class/type", '': all others; the longest that fits counts
  span         interval NOT NULL CHECK (span >= interval '0'),  -- since the group was last seen; 0: never grouped
  escalate_at  int CHECK (escalate_at > 1)  -- so many reports raise the priority by one, once; NULL: never
);
INSERT INTO report_window (type, span, escalate_at) VALUES
  ('', '3 days', 20),
  ('information-gathering/scanner', '7 days', 50),
  ('intrusion-attempts', '7 days', 50),
  ('abusive-content/spam', '3 days', 50),
  ('availability', '1 day', 10),
  ('malicious-code', '7 days', 10),
  ('fraud/copyright', '0', NULL);  -- each notice is an answer of its own

ALTER TABLE ticket
  ADD COLUMN grouped_into bigint REFERENCES ticket,   -- the one that leads; never folded itself
  ADD COLUMN sorted       boolean NOT NULL DEFAULT true,  -- was looked at once; not again, even if taken out
  ADD COLUMN source       inet,           -- the only one of its events; set when sorted
  ADD COLUMN reports      int NOT NULL DEFAULT 1 CHECK (reports > 0),  -- with those folded into it
  ADD COLUMN first_seen   timestamptz,    -- of its events and of theirs,
  ADD COLUMN last_seen    timestamptz,    -- never later than it came in
  ADD COLUMN escalated    boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT ticket_not_into_itself CHECK (grouped_into <> number),
  ADD CONSTRAINT ticket_no_chain CHECK (grouped_into IS NULL OR reports = 1);
-- What is there already stays as people know it.
ALTER TABLE ticket ALTER COLUMN sorted SET DEFAULT false;

CREATE INDEX ticket_unsorted ON ticket (number) WHERE NOT sorted;
CREATE INDEX ticket_grouped ON ticket (grouped_into, number) WHERE grouped_into IS NOT NULL;
CREATE INDEX ticket_same ON ticket (organisation, source, type)
  WHERE kind = 'report' AND status IN ('new', 'open') AND grouped_into IS NULL AND source IS NOT NULL;
CREATE INDEX ticket_queue ON ticket (due, number)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed') AND grouped_into IS NULL;
DROP INDEX ticket_active;
CREATE INDEX event_domain ON event (lower(domain)) WHERE domain IS NOT NULL;

-- An address and the nets above it that a report may be about; few enough to
-- be asked for one by one.
CREATE FUNCTION nets_above(addr inet) RETURNS inet[]
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT array_agg(network(set_masklen(addr, m))::inet) || addr
  FROM generate_series(CASE family(addr) WHEN 4 THEN 8 ELSE 32 END, masklen(addr),
    CASE family(addr) WHEN 4 THEN 1 ELSE 4 END) m
$$;

-- Sorts at most so many new tickets; says how many it looked at.  One at a
-- time on all hosts.  It waits for nobody: what somebody holds just now is
-- for the next time.
CREATE FUNCTION group_reports(at_most int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  n record;     -- a new report
  w record;     -- the window of its type
  lead record;
  looked int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('tocsin.group_reports')) THEN
    RETURN 0;
  END IF;
  FOR n IN
    SELECT t.number, t.organisation, t.type, s.source, s.first_seen, s.last_seen,
      -- One known address of a member, and no word of ours about it yet.
      t.kind = 'report' AND t.status = 'new' AND t.owner IS NULL AND NOT t.standing
        AND t.how_reported <> 'feed' AND t.organisation IS NOT NULL AND t.type IS NOT NULL
        AND t.claims IS NULL AND t.waiting IS NULL
        AND (t.tlp IS NULL OR t.tlp NOT IN ('RED', 'AMBER+STRICT'))
        AND s.events BETWEEN 1 AND 1000 AND s.sources = 1 AND s.addressed
        AND NOT EXISTS (SELECT FROM message m WHERE m.ticket = t.number
          AND (m.direction = 'comment' OR (m.direction = 'out' AND m.purpose IS DISTINCT FROM 'ack')))
        AS single
    FROM (SELECT * FROM ticket WHERE NOT sorted ORDER BY number LIMIT at_most
          FOR UPDATE SKIP LOCKED) t
    CROSS JOIN LATERAL (
      SELECT count(*) AS events, count(DISTINCT e.source_ip) AS sources,
        bool_and(e.source_ip IS NOT NULL) AS addressed, min(e.source_ip) AS source,
        min(e.seen) AS first_seen, max(e.seen) AS last_seen
      FROM (SELECT source_ip, least("time", t.created) AS seen FROM event
            WHERE ticket = t.number LIMIT 1001) e) s
    ORDER BY t.number
  LOOP
    looked := looked + 1;
    lead := NULL;
    IF n.single THEN
      SELECT span, escalate_at INTO w FROM report_window
      WHERE type = '' OR type_within(n.type, type) ORDER BY length(type) DESC LIMIT 1;
      IF w.span > interval '0' THEN
        SELECT number INTO lead FROM ticket
        WHERE kind = 'report' AND status IN ('new', 'open') AND grouped_into IS NULL
          AND source IS NOT NULL AND organisation = n.organisation AND type = n.type
          AND source = ANY (nets_above(n.source)) AND number <> n.number
          AND (tlp IS NULL OR tlp NOT IN ('RED', 'AMBER+STRICT'))
          AND n.last_seen <= last_seen + w.span AND n.last_seen >= first_seen - w.span
        ORDER BY number LIMIT 1;
      END IF;
    END IF;
    IF lead IS NULL THEN
      UPDATE ticket SET sorted = true, source = CASE WHEN n.single THEN n.source END,
        first_seen = n.first_seen, last_seen = n.last_seen
      WHERE number = n.number;
      CONTINUE;
    END IF;
    SELECT number, priority, reports, escalated INTO lead FROM ticket
    WHERE number = lead.number AND status IN ('new', 'open') AND grouped_into IS NULL
    FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN lead IS NULL;
    -- The version of the one that leads stays: a storm of reports must not
    -- keep an analyst from acting on it.
    UPDATE ticket SET reports = reports + 1, updated = now(),
      first_seen = least(first_seen, n.first_seen), last_seen = greatest(last_seen, n.last_seen)
    WHERE number = lead.number;
    UPDATE ticket SET sorted = true, source = n.source, first_seen = n.first_seen,
      last_seen = n.last_seen, grouped_into = lead.number, updated = now(), version = version + 1
    WHERE number = n.number;
    -- On the folded one only: a thousand lines would bury the other's history.
    INSERT INTO audit (actor, action, ticket, object, new)
    VALUES ('timer', 'group.fold', n.number, 'ticket ' || lead.number, '#' || lead.number);
    IF lead.reports + 1 >= w.escalate_at AND NOT lead.escalated THEN
      UPDATE ticket SET escalated = true, version = version + 1,
        priority = greatest(priority - 1, 1),
        -- As intake gives to a fresh report of that priority.
        due = least(due, now() + CASE WHEN priority <= 2 THEN interval '1 hour' ELSE interval '4 hours' END)
      WHERE number = lead.number;
      INSERT INTO audit (actor, action, ticket, object, old, new)
      VALUES ('timer', 'group.escalate', lead.number, lead.reports + 1 || ' reports',
        'priority ' || lead.priority, 'priority ' || greatest(lead.priority - 1, 1));
    END IF;
  END LOOP;
  RETURN looked;
END $$;

-- (As before; those that are folded are found by a number, by words, among
-- all, or when an answer waits on them.)
CREATE OR REPLACE FUNCTION ticket_matching(
  want_status text,   -- NULL: not closed; any; or a status
  want_view text,     -- new mine unowned waiting overdue answered
  want_type text,     -- RSIT class or "class/type"
  want_org text,      -- part of a name, or a handle
  words text,         -- in subject or messages, or a number
  addr inet,          -- address or prefix of an event
  me bigint)
RETURNS SETOF ticket LANGUAGE sql STABLE AS $$
  SELECT t.* FROM ticket t
  WHERE (want_status = 'any' OR t.status = want_status
         OR (want_status IS NULL AND want_view = 'answered')
         OR (want_status IS NULL
             AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')))
    AND (t.grouped_into IS NULL OR want_status = 'any' OR words IS NOT NULL
         OR want_view = 'answered')
    AND (want_view IS NULL
         OR (want_view = 'new' AND t.status = 'new')
         OR (want_view = 'mine' AND t.owner = me)
         OR (want_view = 'unowned' AND t.owner IS NULL)
         OR (want_view = 'waiting' AND t.waiting IS NOT NULL)
         OR (want_view = 'overdue' AND t.due < now())
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
