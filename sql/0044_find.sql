-- What the desk looks for, at 100,000 tickets.

-- Words in a subject are found by their trigrams, where PostgreSQL's own
-- extension for that may be made; without it the same query reads all
-- subjects.  (It is trusted: the owner of the database may make it.)  Folded
-- once, when it is written: to fold a subject costs forty times the comparing.
ALTER TABLE ticket ADD COLUMN subject_folded text GENERATED ALWAYS AS (lower(subject)) STORED;
DO $$
DECLARE
  home name;
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  SELECT n.nspname INTO home FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_trgm';
  -- (What was not yet sorted in is read as a whole: little of it.)
  EXECUTE format('CREATE INDEX ticket_subject ON ticket USING gin (subject_folded %I.gin_trgm_ops)
    WITH (gin_pending_list_limit = 256)', home);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  RAISE WARNING 'Words are searched without an index: %', SQLERRM;
END $$;

-- The later pages of the queue are found in the index alone, whoever may see
-- what.
DROP INDEX ticket_queue;
CREATE INDEX ticket_queue ON ticket (due, number) INCLUDE (restricted)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND NOT held;

-- As before, with the folded subject, and a number compared as one.
CREATE OR REPLACE FUNCTION ticket_matching(want_status text, want_view text, want_type text,
  want_org text, words text, addr inet, me bigint, folded boolean, want_kind text)
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
         OR t.organisation = ANY (ARRAY(SELECT o.id FROM organisation o
            WHERE o.name ILIKE '%' || want_org || '%' OR o.handle = lower(want_org))))
    AND (words IS NULL OR t.subject_folded LIKE '%' || lower(words) || '%'
         OR t.number = CASE WHEN words ~ '^#*[1-9][0-9]{0,17}$' THEN ltrim(words, '#')::bigint END
         OR t.number = ANY (ARRAY(SELECT m.ticket FROM message m
            WHERE to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
                  @@ plainto_tsquery('simple', words) AND m.ticket IS NOT NULL)))
    AND (addr IS NULL
         OR t.number = ANY (ARRAY(
           SELECT e.ticket FROM event e
           WHERE e.source_ip >= network(addr)::inet AND e.source_ip <<= addr
             AND e.source_ip <= set_masklen(broadcast(addr), CASE family(addr) WHEN 4 THEN 32 ELSE 128 END)
           UNION
           SELECT e.ticket FROM event e
           WHERE e.destination_ip >= network(addr)::inet AND e.destination_ip <<= addr
             AND e.destination_ip <= set_masklen(broadcast(addr), CASE family(addr) WHEN 4 THEN 32 ELSE 128 END))))
$$;
