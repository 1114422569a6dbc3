-- Deeds: acts with all that follows, undone as a whole (sql/0021_case.sql).

-- What the transaction changes from here on belongs to it.
-- name: deed_begin :one
WITH d AS (
  INSERT INTO deed (principal, actor, act, ticket, undoes)
  VALUES (nullif($1::bigint, 0), $2, $3, $4, $5) RETURNING id
)
SELECT id, set_config('tocsin.deed', id::text, true) AS set FROM d;

-- One that goes on in another transaction (many tickets).
-- name: deed_resume :one
SELECT id, set_config('tocsin.deed', id::text, true) AS set FROM deed WHERE id = $1;

-- name: deed_undo :one
SELECT deed_undo($1) AS changes;

-- name: deed_by_id :opt
SELECT d.id, d.at, d.actor, d.act, d.ticket, u.id AS undone_by
FROM deed d LEFT JOIN deed u ON u.undoes = d.id WHERE d.id = $1;

-- The last ones that touched the ticket and still stand.
-- name: deed_recent :many
SELECT d.id, d.at, d.actor, d.act, d.ticket, NULL::bigint AS undone_by,
  (SELECT b.id FROM bulk b WHERE b.deed = d.id) AS bulk
FROM deed d
WHERE d.id IN (SELECT c.deed FROM deed_change c WHERE c.ticket = $1 AND c.deed IS NOT NULL
               ORDER BY c.id DESC LIMIT 100)
  AND d.undoes IS NULL AND NOT EXISTS (SELECT FROM deed u WHERE u.undoes = d.id)
ORDER BY d.id DESC LIMIT 10;

-- name: case_differences :many
SELECT ticket, field, stored, rebuilt FROM case_differences($1::bigint) LIMIT 1000;
