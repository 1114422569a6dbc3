-- Bounces (server/core/bounce.c).

-- No row: not ours, never handed over, or nothing new.  A notice may be
-- faster than our own verdict, so "handing" counts.
-- name: bounce_mark :opt
UPDATE delivery d SET state = 'bounced', bounced = now(), bounce_hard = $2
FROM message m
WHERE d.id = $1 AND m.id = d.message
  AND (d.state IN ('handing', 'sent', 'held')
    OR (d.state = 'bounced' AND $2 AND NOT coalesce(d.bounce_hard, false)))
RETURNING d.id, d.address, d.advisory, m.ticket, d.subscriber;
