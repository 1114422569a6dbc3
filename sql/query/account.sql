-- People, API principals, sessions, throttle (server/core/account.c).

-- name: account_session_find :opt
SELECT p.id AS principal, p.name, p.email, p.role, s.csrf,
  s.last_seen < now() - interval '1 minute' AS stale
FROM session s JOIN principal p ON p.id = s.principal
WHERE s.token_hash = $1 AND p.disabled_at IS NULL
  AND s.last_seen > now() - make_interval(secs => $2::bigint)
  AND s.created > now() - interval '30 days';

-- name: account_session_touch :exec
WITH s AS (
  UPDATE session SET last_seen = now() WHERE token_hash = $1 RETURNING principal)
UPDATE principal SET last_seen = now() FROM s WHERE id = s.principal;

-- name: account_token_find :opt
SELECT id AS principal, name, email, role, NULL AS csrf,
  coalesce(last_seen < now() - interval '1 minute', true) AS stale
FROM principal
WHERE token_hash = $1 AND kind = 'token' AND disabled_at IS NULL;

-- name: account_token_touch :exec
UPDATE principal SET last_seen = now() WHERE token_hash = $1;

-- name: account_by_email :opt
SELECT id, name, role, password_hash, disabled_at IS NOT NULL AS disabled
FROM principal WHERE email = lower($1) AND kind = 'person';

-- Seconds that this account ($1) or this client ($2) still has to wait.
-- name: account_throttle :opt
SELECT ceil(max(extract(epoch FROM last) - extract(epoch FROM now())
  + least(3600, $5::bigint * 2 ^ least(20, failures - CASE key WHEN $1 THEN $3::bigint ELSE $4::bigint END))))::bigint AS wait
FROM login_throttle
WHERE key IN ($1, $2)
  AND failures >= CASE key WHEN $1 THEN $3::bigint ELSE $4::bigint END;

-- name: account_failed :exec
INSERT INTO login_throttle AS t (key, failures) VALUES ($1, 1), ($2, 1)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN t.last < now() - interval '1 day' THEN 1 ELSE t.failures + 1 END,
  last = now();

-- name: account_session_add :exec
WITH clear AS (DELETE FROM login_throttle WHERE key = $5),
seen AS (UPDATE principal SET last_seen = now() WHERE id = $2::bigint)
INSERT INTO session (token_hash, principal, csrf, client)
VALUES ($1, $2::bigint, $3, $4);

-- Whose session ends looks no longer: see core/ticket/news.h.
-- name: account_session_delete :exec
WITH d AS (DELETE FROM session WHERE token_hash = $1 RETURNING 1)
SELECT pg_notify('tocsin_desk', 'session') FROM d;

-- name: account_sessions :many
SELECT left(token_hash, 16) AS id, created, last_seen, client,
  token_hash = $2 AS current
FROM session WHERE principal = $1::bigint
ORDER BY last_seen DESC LIMIT 200;

-- name: account_session_end :exec
WITH d AS (DELETE FROM session
  WHERE principal = $1::bigint AND left(token_hash, 16) = $2 RETURNING 1)
SELECT pg_notify('tocsin_desk', 'session') FROM d;

-- name: account_sessions_end_others :exec
WITH d AS (DELETE FROM session
  WHERE principal = $1::bigint AND token_hash <> $2 RETURNING 1)
SELECT pg_notify('tocsin_desk', 'session') FROM d;

-- name: account_add :one
INSERT INTO principal (kind, email, name, role, password_hash)
VALUES ('person', lower($1), $2, $3, $4) RETURNING id;

-- name: account_password :opt
UPDATE principal SET password_hash = $2
WHERE email = lower($1) AND kind = 'person' RETURNING id;

-- name: account_sessions_end_all :exec
WITH d AS (DELETE FROM session WHERE principal = $1::bigint RETURNING 1)
SELECT pg_notify('tocsin_desk', 'session') FROM d;

-- name: account_disable :opt
WITH told AS (SELECT pg_notify('tocsin_desk', 'session')),
d AS (
  UPDATE principal SET disabled_at = coalesce(disabled_at, now())
  WHERE email = lower($1) OR (kind = 'token' AND name = $1) RETURNING id
)
SELECT id FROM d, told;

-- name: account_token_add :one
INSERT INTO principal (kind, name, role, token_hash)
VALUES ('token', $1, $2, $3) RETURNING id;

-- name: account_list :many
SELECT id, kind, email, name, role, disabled_at IS NOT NULL AS disabled,
  last_seen, created
FROM principal ORDER BY kind, email, name LIMIT 10000;

-- name: account_rate :opt
INSERT INTO rate_bucket AS b (key, tokens) VALUES ($1, $2::float8 - 1)
ON CONFLICT (key) DO UPDATE SET
  tokens = least($2::float8, b.tokens + extract(epoch FROM now() - b.updated) * $3::float8) - 1,
  updated = now()
WHERE least($2::float8, b.tokens + extract(epoch FROM now() - b.updated) * $3::float8) >= 1
RETURNING 1 AS id;
