-- What reporters wrote of the rows of a ticket (server/core/notice/excerpt.h).

-- The messages from which its rows come; those of feeds hold nothing else.  The
-- words of what came encrypted do not go out in the open.
-- name: excerpt_said :many each
SELECT CASE WHEN m.inspect -> 'seals' IS NULL OR m.inspect -> 'seals' = '[]' THEN left(m.text, 200000) END AS text,
  m."from", m.from_name AS name,
  coalesce((SELECT t.name_reporter FROM ticket t WHERE t.number = m.ticket), false) AS named
FROM message m
WHERE m.id IN (SELECT e.message FROM events_of($1) e WHERE e.feed IS NULL)
  AND m.disposition IN ('report', 'reply') AND m.format IS DISTINCT FROM 'unparsed'
ORDER BY m.id LIMIT 20;

-- The sources of all rows of those reports, whoever's they are.
-- name: excerpt_sources :many each
SELECT DISTINCT x.source_ip FROM event x
WHERE x.ticket IN (
    SELECT m.ticket FROM message m
    WHERE m.id IN (SELECT e.message FROM events_of($1) e WHERE e.feed IS NULL))
  AND x.source_ip IS NOT NULL
LIMIT 20000;
