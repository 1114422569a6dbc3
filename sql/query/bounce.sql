-- Bounces (server/core/outgoing/bounce.c).

-- No row: not ours, never handed over, or nothing new.  A notice may be
-- faster than our own verdict, so "handing" counts.
-- name: bounce_mark :opt
UPDATE delivery d SET state = 'bounced', bounced = now(), bounce_hard = $2,
  bounce_status = $3, bounce_reason = $4, bounce_message = $5
FROM message m
WHERE d.id = $1 AND m.id = d.message
  AND (d.state IN ('handing', 'sent', 'held')
    OR (d.state = 'bounced' AND $2 AND NOT coalesce(d.bounce_hard, false)))
RETURNING d.id, d.address, d.advisory, m.ticket, d.subscriber;

-- Rule 3 of bounce.h: our Message-IDs and an address.
-- name: bounce_by_message :opt
SELECT d.id FROM message m JOIN delivery d ON d.message = m.id
WHERE m.direction = 'out' AND m.message_id = ANY ($1::text[])
  AND (lower(d.address) = lower($2) OR NOT EXISTS
    (SELECT FROM delivery o WHERE o.message = m.id AND o.id <> d.id))
ORDER BY lower(d.address) = lower($2) DESC, d.id DESC LIMIT 1;

-- Rule 4: what went to an address in the last days, two at most.  By way of
-- advisories and tickets, because deliveries have no index on the address:
-- it would cost every advisory more than a rare bounce gains.
-- name: bounce_by_recipient :many
SELECT d.id FROM (
    SELECT a.message FROM advisory a
    WHERE a.issued > now() - make_interval(days => $2::int)
    UNION
    SELECT m.id FROM ticket_party p JOIN message m ON m.ticket = p.ticket
    WHERE p.email = lower($1) AND m.direction = 'out'
      AND m.received > now() - make_interval(days => $2::int)) s (message)
  JOIN delivery d ON d.message = s.message AND lower(d.address) = lower($1)
WHERE d.state IN ('handing', 'sent', 'held', 'bounced')
LIMIT 2;

-- name: bounce_delivery :opt
SELECT d.id, d.address, d.advisory, m.ticket, d.subscriber
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.id = $1;

-- name: bounce_of_notice :exec
SELECT notice_turn($1::bigint);
