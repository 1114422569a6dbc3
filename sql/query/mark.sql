-- What else marks an address or a name as ours (core/member/mark.h).

-- name: mark_list :many
SELECT kind, value, verdict, note FROM constituency_mark ORDER BY kind, value LIMIT 10000;

-- name: mark_set :exec
INSERT INTO constituency_mark (kind, value, verdict, note) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, value) DO UPDATE SET verdict = excluded.verdict, note = excluded.note;

-- name: mark_remove :exec
DELETE FROM constituency_mark WHERE kind = $1 AND value = $2;
