-- Tickets are looked for by the day on which they were made, too.
DROP FUNCTION ticket_matching(text, text, text, text, text, inet, bigint, boolean, text);
CREATE FUNCTION ticket_matching(want_status text, want_view text, want_type text,
  want_org text, words text, addr inet, me bigint, folded boolean, want_kind text,
  since timestamptz, until timestamptz)
RETURNS SETOF ticket LANGUAGE sql STABLE AS $$
  SELECT t.* FROM ticket t
  WHERE (want_status = 'any' OR t.status = want_status
         OR (want_status IS NULL AND want_view = 'answered')
         OR (want_status IS NULL
             AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')))
    AND (folded OR (t.grouped_into IS NULL
      AND (NOT t.held OR want_kind IS NOT NULL OR want_view IN ('waiting', 'overdue', 'answered'))))
    AND (want_kind IS NULL OR t.kind = want_kind)
    AND (since IS NULL OR t.created >= since)
    AND (until IS NULL OR t.created < until)
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
                  @@ plainto_tsquery('simple', words) AND m.ticket IS NOT NULL))
         OR t.number = ANY (ARRAY(SELECT p.ticket FROM ticket_party p WHERE p.email = lower(words))))
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
CREATE INDEX ticket_created ON ticket (created);
