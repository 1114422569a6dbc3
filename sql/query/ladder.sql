-- Ladders of reminders, as people change them (server/core/notice/ladder.c).

-- name: ladder_list :many
SELECT r.id, r.type, o.handle AS organisation, o.name AS organisation_name,
  coalesce(r.answer_days || ' d', CASE WHEN r.answer_minutes % 60 = 0
    THEN r.answer_minutes / 60 || ' h' ELSE r.answer_minutes || ' min' END) AS answer,
  (SELECT string_agg(coalesce(l.days || ' d ',
    CASE WHEN l.minutes % 60 = 0 THEN l.minutes / 60 || ' h ' ELSE l.minutes || ' min ' END) || l.act, E'\n' ORDER BY l.level)
   FROM notice_level l WHERE l.rule = r.id) AS steps,
  r.version, r.changed, p.name AS changed_by
FROM notice_rule r LEFT JOIN organisation o ON o.id = r.organisation
LEFT JOIN principal p ON p.id = r.changed_by
WHERE $1::bigint IS NULL OR r.id = $1
ORDER BY o.name NULLS LAST, r.type LIMIT 500;

-- name: ladder_lock :opt
SELECT r.id, r.type, o.handle AS organisation,
  coalesce(r.answer_days || ' d', CASE WHEN r.answer_minutes % 60 = 0
    THEN r.answer_minutes / 60 || ' h' ELSE r.answer_minutes || ' min' END) AS answer,
  (SELECT string_agg(coalesce(l.days || ' d ',
    CASE WHEN l.minutes % 60 = 0 THEN l.minutes / 60 || ' h ' ELSE l.minutes || ' min ' END) || l.act, E'\n' ORDER BY l.level)
   FROM notice_level l WHERE l.rule = r.id) AS steps, r.version
FROM notice_rule r LEFT JOIN organisation o ON o.id = r.organisation
WHERE r.id = $1 FOR UPDATE OF r;

-- name: ladder_add :one
INSERT INTO notice_rule (type, organisation, answer_days, answer_minutes, changed_by)
VALUES ($1, $2, $3::int, $4::int, $5) RETURNING id;

-- name: ladder_set :exec
UPDATE notice_rule SET type = $2, organisation = $3, answer_days = $4::int,
  answer_minutes = $5::int, changed_by = $6, changed = now(), version = version + 1
WHERE id = $1;

-- name: ladder_clear :exec
DELETE FROM notice_level WHERE rule = $1;

-- name: ladder_step :exec
INSERT INTO notice_level (rule, level, days, minutes, act)
VALUES ($1, $2::int, $3::int, $4::int, $5);

-- name: ladder_remove :exec
DELETE FROM notice_rule WHERE id = $1;
