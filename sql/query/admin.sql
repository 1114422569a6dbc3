-- What tocsinctl shows.

-- name: queue_summary :many
SELECT state, count(*) AS n, min(created) AS oldest, min(next_try) AS next_try
FROM delivery GROUP BY state ORDER BY state LIMIT 20;

-- name: queue_waiting :many
SELECT d.id, d.address, d.state, d.attempts, d.unsure, d.next_try, d.code,
  d.reply, m.purpose, m.subject
FROM delivery d JOIN message m ON m.id = d.message
WHERE d.state NOT IN ('sent', 'refused', 'bounced', 'expired')
ORDER BY d.next_try, d.id LIMIT 100;

-- name: fact_get :opt
SELECT key, value FROM site_fact WHERE key = $1;

-- name: fact_set :exec
INSERT INTO site_fact (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- The people who act in the demo.
-- name: principal_by_email :opt
SELECT id AS principal, name, email, role FROM principal WHERE email = lower($1);
