-- The audit trail (server/core/audit.c).

-- name: audit_write :exec
INSERT INTO audit (principal, actor, action, ticket, advisory, object, old, new)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
