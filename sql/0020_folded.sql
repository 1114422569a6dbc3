-- The queue shows one line for reports of the same thing; who filters, or asks
-- by program, is told of each.  Which it is, the caller says.
DROP FUNCTION ticket_matching(text, text, text, text, text, inet, bigint);
CREATE FUNCTION ticket_matching(
  want_status text,   -- NULL: not closed; any; or a status
  want_view text,     -- new mine unowned waiting overdue answered
  want_type text,     -- RSIT class or "class/type"
  want_org text,      -- part of a name, or a handle
  words text,         -- in subject or messages, or a number
  addr inet,          -- address or prefix of an event
  me bigint,
  folded boolean)     -- also those that are one with another
RETURNS SETOF ticket LANGUAGE sql STABLE AS $$
  SELECT t.* FROM ticket t
  WHERE (want_status = 'any' OR t.status = want_status
         OR (want_status IS NULL AND want_view = 'answered')
         OR (want_status IS NULL
             AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')))
    AND (t.grouped_into IS NULL OR folded)
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
