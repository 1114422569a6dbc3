-- The audit trail (server/core/audit.c).

-- Who acts tells who looks (core/ticket/news.h); the program itself does not, for
-- NOTIFY takes one lock over all commits.
-- name: audit_write :exec
WITH a AS (
  INSERT INTO audit (principal, actor, action, ticket, advisory, object, old, new)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  RETURNING principal, ticket
)
SELECT pg_notify('tocsin_desk', '') FROM a
WHERE principal IS NOT NULL AND ticket IS NOT NULL;
