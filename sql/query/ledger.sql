-- What becomes of queued deliveries (server/core/outgoing/ledger.c).

-- name: ledger_due :one
SELECT count(*) AS n FROM (
  SELECT 1 FROM delivery
  WHERE open AND lane IN (0, 1, 2) AND next_try <= now()
    AND state IN ('queued', 'deferred')
  LIMIT $1) q;

-- ARRAY() makes the subquery run once, before the update, and the update an
-- index scan; a join with it plans worse.
-- name: ledger_claim :many
WITH u AS (
  UPDATE delivery SET state = 'claimed',
    lease = now() + make_interval(secs => $3::bigint), claimed_by = $4
  WHERE id = ANY (ARRAY(
    SELECT id FROM delivery
    WHERE open AND lane = $1 AND next_try <= now()
      AND state IN ('queued', 'deferred')
    ORDER BY next_try, id LIMIT $2
    FOR UPDATE SKIP LOCKED))
  RETURNING id, message, address, advisory, subscriber, list, null_sender,
    attempts, next_try
)
SELECT u.id, u.message, u.address, u.advisory, u.subscriber,
  l.name AS list, l.title AS list_title, l.policy AS list_policy,
  u.null_sender, u.attempts, m.size
FROM u JOIN message m ON m.id = u.message LEFT JOIN list l ON l.id = u.list
ORDER BY u.next_try, u.id LIMIT 5000;

-- name: ledger_load :bytes
SELECT bytes FROM message_raw WHERE message = $1 ORDER BY seq;

-- name: ledger_hand :many
WITH c AS (SELECT set_config('synchronous_commit', 'off', true) AS off)
UPDATE delivery SET state = 'handing'
FROM c
WHERE id = ANY ($1::bigint[]) AND state = 'claimed' AND claimed_by = $2
  AND c.off IS NOT NULL
RETURNING id;

-- A row that another host took meanwhile is left alone; what was swept but not
-- yet taken again, or has bounced already, still learns that it was sent.
-- name: ledger_verdicts :exec
UPDATE delivery d SET
  state = CASE
    WHEN d.state = 'bounced' THEN 'bounced'
    WHEN v.outcome = 'unsure' AND $7 THEN 'held'
    WHEN v.outcome IN ('deferred', 'unsure')
      AND now() + make_interval(secs => v.delay)
          > d.created + make_interval(secs => $8::bigint) THEN 'expired'
    WHEN v.outcome = 'unsure' THEN 'deferred'
    ELSE v.outcome END,
  attempts = d.attempts + (v.outcome <> 'queued')::int,
  unsure = d.unsure + (v.outcome = 'unsure')::int,
  next_try = CASE WHEN v.outcome IN ('deferred', 'unsure')
    THEN now() + make_interval(secs => v.delay) ELSE d.next_try END,
  lease = NULL, claimed_by = NULL,
  code = CASE v.outcome WHEN 'queued' THEN d.code
    ELSE nullif(v.code, 0) END,
  reply = CASE v.outcome WHEN 'queued' THEN d.reply ELSE v.reply END,
  sent = CASE v.outcome WHEN 'sent' THEN now() ELSE d.sent END
FROM unnest($2::bigint[], $3::text[], $4::int[], $5::bigint[], $6::text[])
  AS v (id, outcome, code, delay, reply)
WHERE d.id = v.id AND (d.claimed_by = $1
  OR (v.outcome = 'sent'
    AND d.state IN ('queued', 'deferred', 'held', 'bounced')));

-- name: ledger_refused :exec
SELECT notice_turn(m.ticket)
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.id = ANY ($1::bigint[]) AND d.state = 'refused' AND m.ticket IS NOT NULL
  AND m.purpose IN ('notice', 'reminder')
GROUP BY m.ticket;

-- ("handing" too: a mark whose answer was lost, of what never left.)
-- name: ledger_release :exec
UPDATE delivery SET state = 'queued', lease = NULL, claimed_by = NULL,
  reply = coalesce($2, reply)
WHERE id = ANY ($3::bigint[]) AND claimed_by = $1
  AND state IN ('claimed', 'handing');

-- A claim whose answer was lost: of what it took, nothing was marked.
-- name: ledger_disclaim :exec
UPDATE delivery SET state = 'queued', lease = NULL, claimed_by = NULL
WHERE open AND state = 'claimed' AND claimed_by = $1;

-- Only rows whose lease is half over: a fast batch is never touched.
-- name: ledger_renew :exec
UPDATE delivery SET lease = now() + make_interval(secs => $2::bigint)
WHERE open AND state IN ('claimed', 'handing') AND claimed_by = ANY ($1::text[])
  AND lease < now() + make_interval(secs => $2::bigint) / 2;

-- Claimed: nothing of it left, as if it had never been claimed.  Handing:
-- nobody knows; handed over again with the same Message-ID, or held.
-- name: ledger_sweep :many
WITH over AS MATERIALIZED (
  SELECT id, state FROM delivery
  WHERE open AND state IN ('claimed', 'handing') AND lease < now()
  ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE delivery d SET
  state = CASE WHEN o.state = 'handing' AND $1 THEN 'held' ELSE 'queued' END,
  unsure = d.unsure + (o.state = 'handing')::int,
  attempts = d.attempts + (o.state = 'handing')::int,
  next_try = now(), lease = NULL, claimed_by = NULL
FROM over o, message m
WHERE d.id = o.id AND m.id = d.message
RETURNING d.id, d.advisory, m.ticket, d.address, o.state;

-- name: ledger_expire :exec
UPDATE delivery SET state = 'expired'
WHERE id = ANY (ARRAY(
  SELECT id FROM delivery
  WHERE open AND state IN ('queued', 'deferred')
    AND created < now() - make_interval(secs => $1::bigint)
  LIMIT 5000 FOR UPDATE SKIP LOCKED));
