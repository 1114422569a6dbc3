-- Outgoing mail: queued here, claimed and judged in the second half
-- (server/core/outbox.c, outbox_claim.c).

-- name: outbox_store :one
WITH m AS (
  INSERT INTO message (direction, ticket, "from", from_name, recipients, cc,
    subject, date, message_id, sha256, size, text, author, purpose, inspect)
  VALUES ('out', $1, $2, $3, $4, $5, $6, now(), $7, $8, $9, $10, $11, $12,
    $16::jsonb)
  RETURNING id
), r AS (
  INSERT INTO message_raw (message, seq, bytes) SELECT id, 0, $13 FROM m
), d AS (
  INSERT INTO delivery (message, address, null_sender)
  SELECT m.id, a.address, $15 FROM m, unnest($14::text[]) AS a (address)
)
SELECT id FROM m;

-- name: outbox_chunk :exec
INSERT INTO message_raw (message, seq, bytes) VALUES ($1, $2, $3);

-- name: outbox_kick :exec
SELECT pg_notify('tocsin_outbox', '');
