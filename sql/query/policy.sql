-- The policy of feeds: rules, and what they would do (server/core/feed/policy.c).

-- In the order in which they are asked; rows of the last 7 days that each
-- decided.
-- name: policy_list :many
SELECT p.id, p.feed, p.type, p.severity, o.handle AS organisation, o.name AS organisation_name,
  p.action, p.at_least, p.only_new, p.gone_days, p.until::text AS until, p.reason, p.changed,
  p.changed_by, coalesce(p.until < (now() AT TIME ZONE 'UTC')::date, false) AS ended,
  coalesce(s.rows, 0) AS rows
FROM feed_policy p
LEFT JOIN organisation o ON o.id = p.organisation
LEFT JOIN (SELECT policy, sum(rows) AS rows FROM feed_stat
  WHERE day > (now() AT TIME ZONE 'UTC')::date - 7 GROUP BY policy) s ON s.policy = p.id
ORDER BY p.until IS NULL, p.organisation IS NULL, p.feed IS NULL, p.feed LIKE '%*',
  length(p.feed) DESC, p.type IS NULL, p.type NOT LIKE '%/%', severity_rank(p.severity) DESC,
  p.until, p.id
LIMIT 2000;

-- A rule in one line, for the audit trail.
-- name: policy_words :opt
SELECT p.id, concat_ws(' ', p.feed, p.type, p.severity || ' or worse', o.handle, '->', p.action,
  CASE WHEN p.at_least > 1 THEN 'from ' || p.at_least || ' rows' END,
  CASE WHEN p.only_new THEN 'new only' END, 'gone after ' || p.gone_days || ' days',
  'until ' || p.until, nullif('(' || p.reason || ')', '()')) AS words,
  p.feed IS NULL AND p.type IS NULL AND p.severity IS NULL AND p.organisation IS NULL
    AND p.until IS NULL AS for_all
FROM feed_policy p LEFT JOIN organisation o ON o.id = p.organisation
WHERE p.id = $1 FOR UPDATE OF p;

-- Arguments: 1 feed, 2 type, 3 severity, 4 organisation, 5 action, 6 at
-- least, 7 only new, 8 gone days, 9 until, 10 reason, 11 by whom.
-- name: policy_add :one
INSERT INTO feed_policy (feed, type, severity, organisation, action, at_least, only_new,
  gone_days, until, reason, changed_by)
VALUES ($1, $2, $3, $4, $5, $6::int, $7::boolean, $8::int, $9::date, coalesce($10, ''), $11)
RETURNING id;

-- name: policy_change :one
UPDATE feed_policy SET feed = $1, type = $2, severity = $3, organisation = $4, action = $5,
  at_least = $6::int, only_new = $7::boolean, gone_days = $8::int, until = $9::date,
  reason = coalesce($10, ''), changed_by = $11, changed = now()
WHERE id = $12 RETURNING id;

-- name: policy_remove :exec
DELETE FROM feed_policy WHERE id = $1;

-- What becomes of the rows of each feed's last day by the rules as they are
-- now, beside what became of them then.  Digests count what they would tell.
-- name: policy_preview :many
WITH last AS (
  SELECT feed, max(day) AS day FROM feed_stat
  WHERE day > (now() AT TIME ZONE 'UTC')::date - 31 GROUP BY feed
), given AS MATERIALIZED (
  SELECT s.feed, s.day, s.type, s.severity, s.organisation, s.action AS was,
    sum(s.rows) AS rows, sum(s.fresh) AS fresh
  FROM feed_stat s JOIN last l ON l.feed = s.feed AND l.day = s.day
  WHERE s.verdict <> 'outside'
  GROUP BY 1, 2, 3, 4, 5, 6
), judged AS (
  SELECT g.*, p.id AS policy,
    CASE WHEN p.action IS NULL THEN 'count'
      WHEN p.action <> 'ignore' AND p.at_least > sum(CASE WHEN p.only_new THEN g.fresh ELSE g.rows END)
        OVER (PARTITION BY p.id, g.organisation, g.feed) THEN 'count'
      ELSE p.action END AS becomes
  FROM given g
  LEFT JOIN LATERAL feed_policy_for(g.feed, g.type, g.severity, g.organisation) p ON true
)
SELECT j.feed, j.day::text AS day, j.type, j.severity, o.name AS organisation, j.rows, j.fresh,
  j.was, j.becomes, j.policy
FROM judged j LEFT JOIN organisation o ON o.id = j.organisation
ORDER BY j.was = j.becomes, j.rows DESC, j.feed, o.name LIMIT 5000;
