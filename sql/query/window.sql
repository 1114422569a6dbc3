-- Within which time reports are of the same thing (server/core/intake/window.c).

-- name: window_list :many
SELECT type, (extract(epoch FROM span) / 60)::bigint AS minutes, escalate_at FROM report_window
ORDER BY type LIMIT 500;

-- name: window_was :opt
SELECT type, (extract(epoch FROM span) / 60)::bigint AS minutes, escalate_at FROM report_window
WHERE type = $1 FOR UPDATE;

-- name: window_set :exec
INSERT INTO report_window (type, span, escalate_at) VALUES ($1, $2::int * interval '1 minute', $3::int)
ON CONFLICT (type) DO UPDATE SET span = excluded.span, escalate_at = excluded.escalate_at;

-- name: window_remove :exec
DELETE FROM report_window WHERE type = $1;
