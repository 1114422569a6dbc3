-- Findings: what feeds have seen (server/core/feed/finding.c).

-- Gone: each feed that ever saw it has since looked for gone_days and did not
-- see it.  Days, not hours: a daily scan meets a host at another hour each
-- time.  A feed that does not come makes nothing go.  Never waits for
-- intake, which holds rows in the order of their keys.
-- name: finding_gone :exec
WITH late AS MATERIALIZED (
  SELECT f.id, f.last_seen, min(feed.last_time) AS looked,
    max(coalesce(p.gone_days, 7)) AS days
  FROM finding f
  JOIN feed ON feed.name = ANY (f.feeds)
  LEFT JOIN LATERAL feed_policy_for(feed.name, f.type, f.severity, f.organisation) p ON true
  WHERE f.state <> 'gone'
    AND f.last_seen < (SELECT date_trunc('day', max(last_time), 'UTC') FROM feed)
  GROUP BY f.id, f.last_seen
), over AS MATERIALIZED (
  SELECT f.id, l.looked FROM late l JOIN finding f ON f.id = l.id
  WHERE (l.looked AT TIME ZONE 'UTC')::date >= (l.last_seen AT TIME ZONE 'UTC')::date + l.days
    AND f.state <> 'gone' AND f.last_seen = l.last_seen
  ORDER BY f.key LIMIT 20000 FOR UPDATE OF f SKIP LOCKED
)
UPDATE finding f SET state = 'gone', gone_seen = o.looked, gone_at = now()
FROM over o WHERE f.id = o.id;

-- One page of them with their number.  Arguments: 1 state (NULL: there; any;
-- or a state), 2 part of a member's name, its handle, or "-" for none,
-- 3 type or class, 4 feed or its beginning, 5 address or prefix, 6 page.
-- name: finding_list :many
SELECT f.id, o.name AS organisation, o.handle, coalesce(host(f.address), f.domain) AS address,
  f.port, f.type, f.severity, array_to_string(f.feeds, ' ') AS feeds, f.state, f.first_seen,
  f.last_seen, f.count, f.returns, count(*) OVER () AS of_all
FROM finding f LEFT JOIN organisation o ON o.id = f.organisation
WHERE ($1::text = 'any' OR f.state = $1 OR ($1 IS NULL AND f.state <> 'gone'))
  AND ($2::text IS NULL OR ($2 = '-' AND f.organisation IS NULL) OR f.organisation IN (
    SELECT x.id FROM organisation x WHERE x.name ILIKE '%' || $2 || '%' OR x.handle = lower($2)))
  AND ($3::text IS NULL OR f.type = $3 OR starts_with(f.type, $3 || '/'))
  AND ($4::text IS NULL OR EXISTS (SELECT FROM unnest(f.feeds) AS n (name)
    WHERE starts_with(n.name, rtrim($4, '*'))))
  AND ($5::inet IS NULL OR f.address <<= $5)
ORDER BY f.last_seen DESC, f.id DESC LIMIT 50 OFFSET $6::bigint * 50;

-- name: finding_counts :one
SELECT count(*) FILTER (WHERE state = 'new') AS fresh,
  count(*) FILTER (WHERE state = 'open') AS open,
  count(*) FILTER (WHERE state = 'gone') AS gone,
  count(*) FILTER (WHERE organisation IS NULL AND state <> 'gone') AS unassigned
FROM finding;

-- Rows a day of the last 30 days that had any.  Arguments: as 2 to 4 above.
-- name: finding_days :many
SELECT d.day::date::text AS day, coalesce(s.rows, 0) AS rows
FROM generate_series((now() AT TIME ZONE 'UTC')::date - 29, (now() AT TIME ZONE 'UTC')::date,
  interval '1 day') AS d (day)
LEFT JOIN (
  SELECT s.day, sum(s.rows) AS rows FROM feed_stat s
  WHERE s.day > (now() AT TIME ZONE 'UTC')::date - 30 AND s.verdict <> 'outside'
    AND ($1::text IS NULL OR ($1 = '-' AND s.organisation IS NULL) OR s.organisation IN (
      SELECT x.id FROM organisation x WHERE x.name ILIKE '%' || $1 || '%' OR x.handle = lower($1)))
    AND ($2::text IS NULL OR s.type = $2 OR starts_with(s.type, $2 || '/'))
    AND ($3::text IS NULL OR starts_with(s.feed, rtrim($3, '*')))
  GROUP BY s.day) s ON s.day = d.day
ORDER BY d.day LIMIT 30;

-- name: finding_by_id :one
SELECT f.id, o.name AS organisation, o.handle, coalesce(host(f.address), f.domain) AS address,
  f.port, f.type, f.severity, array_to_string(f.feeds, ' ') AS feeds, f.state, f.first_seen,
  f.last_seen, f.count, f.returns, f.opened, f.gone_seen, f.told, p.action, p.reason AS rule,
  host(f.address) AS ip
FROM finding f LEFT JOIN organisation o ON o.id = f.organisation
LEFT JOIN LATERAL feed_policy_for(f.feeds[1], f.type, f.severity, f.organisation) p ON true
WHERE f.id = $1;

-- name: finding_sightings :many
SELECT s.id, s."time", s.feed, s.message, '/desk/messages/' || s.message || '/raw' AS raw,
  s.verdict, s.prefix::text AS prefix, s.row::text AS row
FROM sighting s WHERE s.finding = $1 ORDER BY s.id DESC LIMIT 50 OFFSET $2::bigint * 50;

-- name: finding_sighting_days :many
SELECT d.day::date::text AS day, count(s.id) AS rows
FROM generate_series((now() AT TIME ZONE 'UTC')::date - 29, (now() AT TIME ZONE 'UTC')::date,
  interval '1 day') AS d (day)
LEFT JOIN sighting s ON s.finding = $1 AND (s."time" AT TIME ZONE 'UTC')::date = d.day
GROUP BY d.day ORDER BY d.day LIMIT 30;

-- What is there at the addresses of a ticket's events.
-- name: finding_of_ticket :many
SELECT f.id, o.name AS organisation, o.handle, host(f.address) AS address, f.port, f.type,
  f.severity, array_to_string(f.feeds, ' ') AS feeds, f.state, f.first_seen, f.last_seen,
  f.count, f.returns
FROM finding f LEFT JOIN organisation o ON o.id = f.organisation
WHERE f.state <> 'gone' AND f.address = ANY (ARRAY(
  SELECT e.source_ip FROM event e WHERE e.ticket = $1 AND e.source_ip IS NOT NULL
  ORDER BY e.id LIMIT 100))
ORDER BY f.last_seen DESC, f.id DESC LIMIT 20;
