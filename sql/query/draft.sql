-- Drafts (server/core/ticket/draft.c).

-- $5: as many as one person may have.  No row: there were as many.  Others at
-- the ticket are told when it begins, not at every word.
-- name: draft_save :opt
WITH d AS (
  INSERT INTO draft (principal, ticket, form, party, fields)
  SELECT $1, $2, $3, $6, $4::jsonb
  WHERE EXISTS (SELECT FROM draft WHERE principal = $1 AND ticket = $2 AND form = $3 AND party = $6)
    OR (SELECT count(*) FROM draft WHERE principal = $1) < $5::bigint
  ON CONFLICT (ticket, principal, form, party) DO UPDATE SET fields = excluded.fields, updated = now()
  RETURNING updated, NOT EXISTS (SELECT FROM draft b
    WHERE b.principal = $1 AND b.ticket = $2 AND b.form = $3 AND b.party = $6) AS fresh
), told AS (
  SELECT pg_notify('tocsin_desk', 'here') FROM d WHERE fresh
)
SELECT updated FROM d LEFT JOIN told ON true;

-- name: draft_drop :exec
WITH d AS (
  DELETE FROM draft WHERE principal = $1 AND ticket = $2 AND form = $3 AND party = ANY ($4::text[]) RETURNING 1
)
SELECT pg_notify('tocsin_desk', 'here') FROM d LIMIT 1;

-- name: draft_of :many
SELECT form, party, fields::text AS fields, updated FROM draft
WHERE principal = $1 AND ticket = $2 ORDER BY form, party LIMIT 100;

-- Whose there are, not what stands in them.
-- name: draft_writers :many
SELECT d.ticket, d.principal, p.name, d.form, max(d.updated) AS updated
FROM draft d JOIN principal p ON p.id = d.principal
WHERE d.ticket = ANY ($1::bigint[]) AND p.disabled_at IS NULL
GROUP BY d.ticket, d.principal, p.name, d.form
ORDER BY d.ticket, p.name, d.form LIMIT 5000;

-- name: draft_sweep :exec
DELETE FROM draft WHERE updated < now() - make_interval(days => $1::int);
