-- Restricted tickets (sql/0034_restricted.sql, server/core/ticket/restrict.c).

-- What goes with a ticket: those whose number leads to it, those folded into
-- it, and ($2) the whole case.
-- name: restrict_scope :many
WITH c AS (
  SELECT $1::bigint AS n
  UNION SELECT incident FROM ticket_link WHERE child = $1 AND $2::boolean
  UNION SELECT child FROM ticket_link WHERE $2 AND (incident = $1
    OR incident IN (SELECT incident FROM ticket_link WHERE child = $1))
)
SELECT number, restricted FROM ticket
WHERE number IN (SELECT n FROM c
  UNION SELECT number FROM ticket WHERE merged_into IN (SELECT n FROM c)
  UNION SELECT number FROM ticket WHERE grouped_into IN (SELECT n FROM c))
ORDER BY number LIMIT 2000 FOR UPDATE;

-- Folded and merged ones would be looked for by what they have no more.
-- name: restrict_mark :exec
UPDATE ticket SET restricted = true, restricted_why = coalesce($2, restricted_why),
  sorted = true, source = NULL, updated = now(), version = version + 1
WHERE number = ANY ($1::bigint[]);

-- name: restrict_unmark :exec
UPDATE ticket SET restricted = false, restricted_why = NULL, updated = now(), version = version + 1
WHERE number = ANY ($1::bigint[]) AND restricted;

-- An address, or the name of a token.
-- name: restrict_named :many
SELECT id, name, coalesce(email, name) AS email FROM principal
WHERE disabled_at IS NULL AND (email = ANY ($1::text[]) OR (kind = 'token' AND name = ANY ($2::text[])))
ORDER BY name, id LIMIT 500;

-- name: restrict_add :exec
INSERT INTO ticket_reader (ticket, principal, by)
SELECT n, p, $3::bigint FROM unnest($1::bigint[]) n, unnest($2::bigint[]) p
UNION SELECT number, owner, $3::bigint FROM ticket WHERE number = ANY ($1::bigint[]) AND owner IS NOT NULL
ON CONFLICT DO NOTHING;

-- Who owns it stays.
-- name: restrict_keep :exec
DELETE FROM ticket_reader r WHERE r.ticket = ANY ($1::bigint[]) AND r.principal <> ALL ($2::bigint[])
  AND NOT EXISTS (SELECT FROM ticket t WHERE t.number = r.ticket AND t.owner = r.principal);

-- name: restrict_drop :exec
DELETE FROM ticket_reader WHERE ticket = ANY ($1::bigint[]);

-- name: restrict_readers :many
SELECT p.id, p.name, coalesce(p.email, p.name) AS email, p.role, true AS reads,
  t.owner IS NOT DISTINCT FROM p.id AS owns, r.at, b.name AS by, r.glass
FROM ticket_reader r JOIN principal p ON p.id = r.principal JOIN ticket t ON t.number = r.ticket
LEFT JOIN principal b ON b.id = r.by
WHERE r.ticket = $1 ORDER BY p.name, p.id LIMIT 500;

-- All who may be named, those who are first.
-- name: restrict_people :many
SELECT p.id, p.name, coalesce(p.email, p.name) AS email, p.role, r.ticket IS NOT NULL AS reads,
  t.owner IS NOT DISTINCT FROM p.id AS owns, r.at, b.name AS by, r.glass
FROM principal p JOIN ticket t ON t.number = $1
LEFT JOIN ticket_reader r ON r.principal = p.id AND r.ticket = t.number
LEFT JOIN principal b ON b.id = r.by
WHERE p.disabled_at IS NULL
ORDER BY r.ticket IS NULL, p.kind, p.name, p.id LIMIT 500;

-- name: restrict_list :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.restricted
FROM ticket t
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
WHERE t.restricted ORDER BY t.number DESC LIMIT 50 OFFSET $1::bigint * 50;

-- name: restrict_total :one
SELECT count(*) AS total FROM ticket WHERE restricted;

-- name: restrict_glass :exec
INSERT INTO ticket_reader (ticket, principal, by, glass)
SELECT number, $2::bigint, $2::bigint, $3 FROM ticket WHERE number = $1 AND restricted
ON CONFLICT DO NOTHING;
