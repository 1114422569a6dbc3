-- Findings: what feeds have seen (server/core/finding.c).

-- Gone: each feed that ever saw it has since looked for gone_days and did not
-- see it.  A feed that does not come makes nothing go.  Never waits for
-- intake, which holds rows in the order of their keys.
-- name: finding_gone :exec
WITH late AS MATERIALIZED (
  SELECT f.id, f.last_seen, min(feed.last_time) AS looked,
    max(coalesce(p.gone_days, 7)) AS days
  FROM finding f
  JOIN feed ON feed.name = ANY (f.feeds)
  LEFT JOIN LATERAL feed_policy_for(feed.name, f.type, f.severity, f.organisation) p ON true
  WHERE f.state <> 'gone'
    AND f.last_seen < (SELECT max(last_time) FROM feed) - interval '1 day'
  GROUP BY f.id, f.last_seen
), over AS MATERIALIZED (
  SELECT f.id, l.looked FROM late l JOIN finding f ON f.id = l.id
  WHERE l.looked >= l.last_seen + make_interval(days => l.days)
    AND f.state <> 'gone' AND f.last_seen = l.last_seen
  ORDER BY f.key LIMIT 20000 FOR UPDATE OF f SKIP LOCKED
)
UPDATE finding f SET state = 'gone', gone_seen = o.looked, gone_at = now()
FROM over o WHERE f.id = o.id;
