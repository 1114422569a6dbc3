-- What a bounce does to the ledger.

-- name: bounce_delivery :exec
UPDATE delivery SET state = 'bounced', bounced = now(), bounce_hard = $2::boolean,
  reply = coalesce($3, reply)
WHERE id = $1 AND state IN ('sent', 'bounced');
