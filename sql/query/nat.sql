-- Addresses that hosts share.

-- name: nat_list :many
SELECT n.net::text AS net, n.shared, n.note, n.made, p.name AS made_by,
  (SELECT o.name FROM prefix x JOIN organisation o ON o.id = x.organisation
   WHERE x.net >>= n.net AND x.period @> now()
   ORDER BY masklen(x.net) DESC LIMIT 1) AS organisation
FROM nat n LEFT JOIN principal p ON p.id = n.made_by
ORDER BY n.net LIMIT 50 OFFSET $1::bigint * 50;

-- name: nat_total :one
SELECT count(*) AS total FROM nat;

-- name: nat_set :exec
INSERT INTO nat (net, shared, note, made_by) VALUES ($1::cidr, $2::boolean, $3, $4::bigint)
ON CONFLICT (net) DO UPDATE SET shared = excluded.shared, note = excluded.note,
  made = now(), made_by = excluded.made_by;

-- name: nat_remove :opt
DELETE FROM nat WHERE net = $1::cidr RETURNING net::text AS net, shared, note;
