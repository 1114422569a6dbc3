-- For whom a connection of the desk reads (server/db/db.h, sql/0034_restricted.sql).

-- Without the views there is no desk: an error, and never all tickets.
-- name: desk_enter :one
SELECT set_config('search_path',
  'desk'::regnamespace || ', ' || current_setting('search_path'), false) AS path;

-- name: desk_as :one
SELECT set_config('tocsin.me', $1, false) AS me;

-- The same for one transaction of a connection that sees all.
-- name: desk_within :one
SELECT set_config('search_path',
  'desk'::regnamespace || ', ' || current_setting('search_path'), true) AS path,
  set_config('tocsin.me', $1::bigint::text, true) AS me;

-- After a migration; none before the one that makes the function.
-- name: desk_views_there :one
SELECT to_regproc('desk_views') IS NOT NULL AS there;

-- name: desk_views :exec
SELECT desk_views();

-- Before questions that are asked together (server/db/ahead.c): until the end
-- of that round trip, which is a transaction of its own.
-- name: desk_plan_once :one
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) AS mode;
