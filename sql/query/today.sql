-- The desk's first page (server/core/ticket/today.c).

-- The first rows of each section in its order; a ticket stands in each that
-- it belongs to.  $1: me.
-- name: today_tickets :many
SELECT s.section, t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated, t.waiting,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.restricted
FROM (
  (SELECT 'unlinked' AS section, number, row_number() OVER (ORDER BY due, number) AS n FROM ticket
   WHERE status = 'new' AND grouped_into IS NULL AND NOT held ORDER BY due, number LIMIT 6)
  UNION ALL
  -- (OFFSET 0: as in ticket_mine)
  (SELECT 'mine', number, row_number() OVER (ORDER BY due, number) FROM (
     SELECT number, due FROM ticket
     WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
       AND grouped_into IS NULL AND NOT held AND owner = $1::bigint OFFSET 0) m
   ORDER BY due, number LIMIT 6)
  UNION ALL
  (SELECT 'unowned', number, row_number() OVER (ORDER BY due, number) FROM ticket
   WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
     AND grouped_into IS NULL AND NOT held AND owner IS NULL AND status <> 'new'
   ORDER BY due, number LIMIT 6)
  UNION ALL
  (SELECT 'overdue', number, row_number() OVER (ORDER BY due, number) FROM ticket
   WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
     AND grouped_into IS NULL AND NOT held AND due < now() AND kind <> 'incident'
   ORDER BY due, number LIMIT 6)
  UNION ALL
  (SELECT 'waiting', number, row_number() OVER (ORDER BY waiting, number) FROM ticket
   WHERE waiting IS NOT NULL ORDER BY waiting, number LIMIT 6)
  UNION ALL
  (SELECT 'answered', number, row_number() OVER (ORDER BY answered DESC, number) FROM ticket
   WHERE answered IS NOT NULL ORDER BY answered DESC, number LIMIT 6)) s
JOIN ticket t ON t.number = s.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY s.section, s.n LIMIT 40;

-- name: today_junk :many
SELECT id, received, "from", subject, sha256, size,
  '/api/v1/messages/' || id || '/raw' AS raw, disposition, ticket, format,
  envelope_from, parsed
FROM message WHERE direction = 'in' AND disposition = 'junk' AND ticket IS NULL
ORDER BY id DESC LIMIT 4;

-- Where this person has come to; who never looked begins with the last 200.
-- name: today_seen :one
SELECT coalesce((SELECT audit FROM principal_seen WHERE principal = $1::bigint),
    (SELECT max(id) - 200 FROM audit), 0) AS audit,
  (SELECT at FROM principal_seen WHERE principal = $1) AS at;

-- The last word of others on each ticket behind $2, of their last 300; mine
-- first.
-- name: today_changes :many
SELECT t.number, t.subject, t.status, t.owner IS NOT DISTINCT FROM $1::bigint AS mine,
  c.id, c.at, c.actor AS who, c.action AS what, c.new AS value,
  c.principal IS NOT NULL AS person, c.n AS changes
FROM (SELECT DISTINCT ON (a.ticket) a.*, count(*) OVER (PARTITION BY a.ticket) AS n
      FROM (SELECT * FROM audit WHERE id > $2::bigint AND id <= $3::bigint
              AND ticket IS NOT NULL AND principal IS DISTINCT FROM $1::bigint
            ORDER BY id DESC LIMIT 300) a
      ORDER BY a.ticket, a.id DESC) c
JOIN ticket t ON t.number = c.ticket
ORDER BY t.owner IS NOT DISTINCT FROM $1::bigint DESC, c.id DESC LIMIT 8;

-- name: today_look :exec
INSERT INTO principal_seen (principal, audit)
SELECT $1, least($2::bigint, (SELECT max(id) FROM audit))
ON CONFLICT (principal) DO UPDATE
SET audit = greatest(principal_seen.audit, excluded.audit), at = now();
