-- What became of tickets, for those who look at them (server/core/ticket/news.c).

-- name: news_last :one
SELECT coalesce(max(id), 0) AS id FROM audit;

-- Behind $1, and of $2: numbers that were left out before, because who had
-- drawn them had not committed yet.  readers: ' 3 7 ' of a restricted ticket.
-- name: news_rows :many
SELECT id, ticket, (SELECT coalesce((SELECT ' ' || string_agg(r.principal::text, ' ') || ' '
    FROM ticket_reader r WHERE r.ticket = t.number), '')
  FROM ticket t WHERE t.number = a.ticket AND t.restricted) AS readers
FROM (
  (SELECT id, ticket FROM audit WHERE id > $1::bigint ORDER BY id LIMIT 2000)
  UNION ALL
  (SELECT id, ticket FROM audit WHERE id = ANY ($2::bigint[]) LIMIT 2000)) a
ORDER BY id LIMIT 4000;

-- Tickets that others changed behind $1 and up to $2.
-- name: news_count :one
SELECT count(DISTINCT ticket) AS n FROM (
  SELECT ticket FROM audit
  WHERE id > $1::bigint AND id <= $2::bigint AND ticket IS NOT NULL
    AND principal IS DISTINCT FROM $3::bigint
  ORDER BY id DESC LIMIT 1000) a;

-- name: news_of_ticket :opt
SELECT t.number, t.version, a.id, a.at, a.actor AS who, a.action AS what,
  a.new AS value,
  a.principal IS NOT NULL AS person,
  CASE WHEN t.restricted THEN coalesce((SELECT ' ' || string_agg(r.principal::text, ' ') || ' '
    FROM ticket_reader r WHERE r.ticket = t.number), '') END AS readers
FROM ticket t CROSS JOIN LATERAL (
  SELECT * FROM audit WHERE ticket = t.number ORDER BY id DESC LIMIT 1) a
WHERE t.number = $1;

-- What became of a ticket behind $2 (0: its last words), with what was
-- written.
-- name: news_later :many
SELECT $1::bigint AS number, a.id, a.at, a.actor AS who, a.action AS what,
  a.new AS value, a.principal IS NOT NULL AS person, m.id AS message,
  left(m.text, 1000) AS said
FROM (SELECT * FROM audit WHERE ticket = $1 AND id > $2::bigint ORDER BY id DESC
      LIMIT CASE WHEN $2 = 0 THEN 2 ELSE 20 END) a
LEFT JOIN message m ON m.ticket = $1
  AND m.id = substring(a.object FROM '^message ([0-9]{1,18})$')::bigint
ORDER BY a.id LIMIT 20;

-- name: news_ticket_there :opt
SELECT number AS id FROM ticket WHERE number = $1;

-- Sessions ($1, their hashes) and principals ($2) that may look no longer.
-- name: news_gone :many
SELECT h AS key FROM unnest($1::text[]) h
WHERE NOT EXISTS (
  SELECT FROM session s JOIN principal p ON p.id = s.principal
  WHERE s.token_hash = h AND p.disabled_at IS NULL
    AND s.last_seen > now() - make_interval(secs => $3::bigint)
    AND s.created > now() - interval '30 days')
UNION ALL
SELECT n FROM unnest($2::text[]) n
WHERE NOT EXISTS (SELECT FROM principal WHERE id = n::bigint AND disabled_at IS NULL)
LIMIT 20000;
