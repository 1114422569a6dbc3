-- Outgoing mail is queued here (server/core/outgoing/outbox.c) and claimed and judged
-- in ledger.sql.

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

-- The same for many of one author and purpose: arrays, '' for NULL; 14 and 15
-- which of them goes to which address.  Bytes are 7bit.  In their order.
-- name: outbox_store_many :many
WITH k AS MATERIALIZED (
  SELECT nextval('message_id_seq') AS id, x.*
  FROM unnest($1::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::bigint[], $10::text[], $13::text[], $16::text[]) WITH ORDINALITY
    AS x (ticket, recipients, cc, subject, message_id, sha256, size, text, bytes, inspect, n)
), m AS (
  INSERT INTO message (id, direction, ticket, "from", from_name, recipients, cc,
    subject, date, message_id, sha256, size, text, author, purpose, inspect)
  SELECT id, 'out', ticket, $2, $3, recipients, nullif(cc, ''), subject, now(), message_id,
    sha256, size, text, $11, $12, nullif(inspect, '')::jsonb
  FROM k ORDER BY n
), r AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, convert_to(bytes, 'UTF8') FROM k ORDER BY n
), d AS (
  INSERT INTO delivery (message, address, null_sender)
  SELECT ids.v[a.n], a.address, false
  FROM (SELECT array_agg(id ORDER BY n) AS v FROM k) ids
  CROSS JOIN unnest($14::int[], $15::text[]) WITH ORDINALITY AS a (n, address, nth)
  ORDER BY a.nth
)
SELECT id FROM k ORDER BY n LIMIT 2001;

-- name: outbox_chunk :exec
INSERT INTO message_raw (message, seq, bytes) VALUES ($1, $2, $3);

-- name: outbox_kick :exec
SELECT pg_notify('tocsin_outbox', '');
