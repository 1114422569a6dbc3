-- Who has a ticket open (server/core/ticket/presence.c).

-- $1 has listeners of these people ($2) at these tickets ($3), and no others.
-- Told on only when something changed.
-- name: presence_say :exec
WITH want AS (
  SELECT DISTINCT p, t FROM unnest($2::bigint[], $3::bigint[]) AS u (p, t)
), gone AS (
  DELETE FROM presence
  WHERE (process <> $1 AND seen < now() - interval '5 minutes') OR (process = $1
    AND NOT EXISTS (SELECT FROM want WHERE p = principal AND t = ticket))
  RETURNING 1
), here AS (
  INSERT INTO presence (ticket, principal, process)
  SELECT t, p, $1 FROM want
  WHERE EXISTS (SELECT FROM principal WHERE id = p)
  ON CONFLICT (ticket, principal, process) DO UPDATE SET seen = now()
  RETURNING NOT EXISTS (SELECT FROM presence b WHERE b.ticket = presence.ticket
    AND b.principal = presence.principal AND b.process = $1) AS fresh
)
SELECT pg_notify('tocsin_desk', 'here')
WHERE EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM here WHERE fresh);

-- name: presence_of :many
SELECT DISTINCT r.ticket, r.principal, p.name
FROM presence r JOIN principal p ON p.id = r.principal
WHERE r.ticket = ANY ($1::bigint[]) AND r.seen > now() - interval '45 seconds'
ORDER BY r.ticket, p.name, r.principal LIMIT 5000;
