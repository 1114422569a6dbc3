-- What time makes superfluous (server/jobs/timer.c).

-- name: timer_sessions :exec
DELETE FROM session
WHERE last_seen < now() - make_interval(secs => $1::bigint);

-- name: timer_throttle :exec
DELETE FROM login_throttle WHERE last < now() - interval '1 day';

-- A bucket that nobody touched for days is full again.
-- name: timer_buckets :exec
DELETE FROM rate_bucket WHERE updated < now() - interval '3 days';

-- name: timer_seen :exec
DELETE FROM message_seen WHERE at < now() - make_interval(days => $1::int);
