-- Feed mails: rows become findings (server/core/feed/feed.c).

-- How far these feeds have looked.  The lock on their rows is what makes the
-- mails of one feed follow each other.
-- name: feed_look :exec
INSERT INTO feed (name, first_time, last_time)
SELECT g.name, min(g.at), max(g.at)
FROM (SELECT x.name, least(nullif(x.at, '')::timestamptz, now()) AS at
      FROM unnest($1::text[], $2::text[]) AS x (name, at)) g
GROUP BY g.name ORDER BY g.name
ON CONFLICT (name) DO UPDATE SET
  first_time = least(feed.first_time, excluded.first_time),
  last_time = greatest(feed.last_time, excluded.last_time),
  received = now();

-- All rows of a mail.  Arguments: 1 message, 2 the rows, 3 feed of a row that
-- names none.  A time that is missing or to come is the mail's.
-- name: feed_take :one
WITH given AS MATERIALIZED (
  SELECT e.row,
    (e.row ->> 'source_ip')::inet AS ip,
    least(coalesce((e.row ->> 'time')::timestamptz, now()), now()) AS at,
    lower(nullif(e.row ->> 'domain', '')) AS domain,
    -- The port of the service: a client's own port is another each time.
    (CASE WHEN e.row ? 'destination_ip' OR e.row ? 'destination_port'
       THEN e.row ->> 'destination_port' ELSE e.row ->> 'source_port' END)::int AS port,
    coalesce(e.row ->> 'type', '') AS type,
    coalesce(e.row ->> 'severity', '') AS severity,
    coalesce(e.row ->> 'feed', $3::text) AS feed
  FROM jsonb_array_elements($2::jsonb) AS e (row)
), placed AS MATERIALIZED (
  SELECT g.*, coalesce(h.net, d.net) AS net,
    coalesce(h.organisation, d.organisation, 0) AS organisation,
    CASE WHEN h.organisation IS NOT NULL THEN 'confirmed'
      WHEN d.organisation IS NOT NULL THEN d.verdict
      -- ours, nobody knows whose; or nothing to look up
      WHEN d.basis IS NOT NULL OR (g.ip IS NULL AND g.domain IS NULL) THEN 'unassigned'
      ELSE 'outside' END AS verdict,
    (u.until AT TIME ZONE 'UTC')::date AS day
  FROM given g
  JOIN (SELECT feed, max(at) AS until FROM given GROUP BY feed) u ON u.feed = g.feed
  LEFT JOIN LATERAL (
    -- (OFFSET 0: by the SP-GiST index; the planner prefers that of the
    -- constraint, which holds the period too and takes ten times as long.)
    SELECT p.organisation, p.net
    FROM (SELECT * FROM prefix WHERE net >>= g.ip OFFSET 0) p
    WHERE p.period @> g.at
    ORDER BY masklen(p.net) DESC LIMIT 1) h ON true
  LEFT JOIN LATERAL (
    -- (LIMIT: or the function is called for each row and then left out)
    SELECT * FROM ours_otherwise(g.ip, g.domain) WHERE h.organisation IS NULL LIMIT 1) d ON true
), rule AS MATERIALIZED (
  SELECT c.*, p.id AS policy, coalesce(p.action, 'count') AS action,
    coalesce(p.at_least, 1) AS at_least, coalesce(p.only_new, false) AS only_new
  FROM (SELECT DISTINCT feed, type, severity, organisation FROM placed
        WHERE verdict <> 'outside') c
  LEFT JOIN LATERAL feed_policy_for(c.feed, nullif(c.type, ''), nullif(c.severity, ''),
    nullif(c.organisation, 0)) p ON true
), judged AS MATERIALIZED (
  SELECT x.*, r.policy, coalesce(r.action, 'count') AS action, r.at_least, r.only_new,
    CASE WHEN r.action <> 'ignore' THEN finding_key(x.organisation, x.ip,
      CASE WHEN x.ip IS NULL THEN x.domain END, x.port, x.type) END AS key
  FROM placed x
  LEFT JOIN rule r ON r.feed = x.feed AND r.type = x.type AND r.severity = x.severity
    AND r.organisation = x.organisation AND x.verdict <> 'outside'
), found AS (
  -- In the order of the key, so that two mails never wait for each other.
  INSERT INTO finding AS f (organisation, address, domain, port, type, feeds, severity,
    first_seen, last_seen, count, opened, opened_by)
  SELECT nullif(j.organisation, 0), j.ip, CASE WHEN j.ip IS NULL THEN j.domain END, j.port,
    nullif(j.type, ''), array_agg(DISTINCT j.feed),
    (max(ARRAY[severity_rank(j.severity)::text, j.severity]))[2],
    min(j.at), max(j.at), count(*), min(j.at), $1::bigint
  FROM judged j WHERE j.key IS NOT NULL
  GROUP BY j.key, j.organisation, j.ip, CASE WHEN j.ip IS NULL THEN j.domain END, j.port, j.type
  ORDER BY j.key
  ON CONFLICT (key) DO UPDATE SET
    feeds = CASE WHEN f.feeds @> excluded.feeds THEN f.feeds
      ELSE ARRAY(SELECT DISTINCT unnest(f.feeds || excluded.feeds) ORDER BY 1) END,
    severity = CASE WHEN severity_rank(excluded.severity) > severity_rank(f.severity)
      THEN excluded.severity ELSE f.severity END,
    first_seen = least(f.first_seen, excluded.first_seen),
    last_seen = greatest(f.last_seen, excluded.last_seen),
    count = f.count + excluded.count,
    (state, opened, opened_by, opened_at, returns, gone_at, gone_seen, told) = (
      SELECT CASE t.turn WHEN 'back' THEN 'new' WHEN 'again' THEN f.state ELSE 'open' END,
        CASE t.turn WHEN 'back' THEN excluded.first_seen
          ELSE least(f.opened, excluded.first_seen) END,
        CASE t.turn WHEN 'back' THEN excluded.opened_by ELSE f.opened_by END,
        CASE t.turn WHEN 'back' THEN now() ELSE f.opened_at END,
        f.returns + (t.turn = 'back')::int,
        CASE WHEN t.turn IN ('back', 'never gone') THEN NULL ELSE f.gone_at END,
        CASE WHEN t.turn IN ('back', 'never gone') THEN NULL ELSE f.gone_seen END,
        CASE WHEN t.turn = 'back' OR (t.turn = 'never gone' AND f.told = 'gone')
          THEN 'nothing' ELSE f.told END
      FROM (SELECT finding_turn(f, excluded.first_seen, excluded.last_seen) AS turn) t)
  RETURNING f.id, f.key, f.opened_by = $1::bigint AS fresh
), seen AS (
  INSERT INTO sighting (finding, message, feed, "time", verdict, prefix, policy, row)
  SELECT f.id, $1::bigint, j.feed, j.at, j.verdict, j.net, j.policy, j.row
  FROM judged j JOIN found f ON f.key = j.key
), stat AS (
  INSERT INTO feed_stat (message, feed, day, type, severity, organisation, verdict, policy,
    action, rows, fresh)
  SELECT $1::bigint, j.feed, j.day, nullif(j.type, ''), nullif(j.severity, ''),
    nullif(j.organisation, 0), j.verdict, j.policy,
    CASE WHEN j.action IN ('notice', 'ticket')
        AND sum(CASE WHEN j.only_new THEN count(*) FILTER (WHERE f.fresh) ELSE count(*) END)
          OVER (PARTITION BY j.policy, j.organisation, j.feed) < j.at_least
      THEN 'count' ELSE j.action END,
    count(*), count(*) FILTER (WHERE f.fresh)
  FROM judged j LEFT JOIN found f ON f.key = j.key
  GROUP BY j.feed, j.day, j.type, j.severity, j.organisation, j.verdict, j.policy, j.action,
    j.at_least, j.only_new
), outside AS (
  INSERT INTO feed_outside (message, net, rows)
  SELECT $1::bigint, network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END)), count(*)
  FROM placed WHERE verdict = 'outside' AND ip IS NOT NULL
  GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 20
)
SELECT count(*) AS rows,
  count(*) FILTER (WHERE verdict IN ('confirmed', 'probable')) AS ours,
  count(*) FILTER (WHERE verdict = 'outside') AS outside,
  count(*) FILTER (WHERE verdict = 'unassigned') AS unassigned,
  count(*) FILTER (WHERE action = 'ignore') AS ignored,
  (SELECT count(*) FROM found) AS findings,
  (SELECT count(*) FROM found WHERE fresh) AS fresh,
  count(*) FILTER (WHERE action IN ('notice', 'ticket')) AS due
FROM judged;

-- What the policy wants told at once, with the ticket of that member, feed and
-- day if there is one.
-- name: feed_due :many
SELECT s.organisation, o.name, s.feed, s.day::text AS day, s.action,
  sum(CASE WHEN p.only_new THEN s.fresh ELSE s.rows END) AS rows,
  mode() WITHIN GROUP (ORDER BY s.type) AS type, t.ticket,
  EXISTS (SELECT FROM contact_for(s.organisation, NULL,
    mode() WITHIN GROUP (ORDER BY s.type), now())) AS reachable
FROM feed_stat s
LEFT JOIN feed_policy p ON p.id = s.policy
LEFT JOIN organisation o ON o.id = s.organisation
LEFT JOIN feed_ticket t ON t.organisation IS NOT DISTINCT FROM s.organisation
  AND t.feed = s.feed AND t.day = s.day AND t.action = s.action
WHERE s.message = $1 AND s.action IN ('notice', 'ticket')
GROUP BY s.organisation, o.name, s.feed, s.day, s.action, t.ticket
ORDER BY s.organisation, s.feed, s.day, s.action LIMIT 5000;

-- Arguments: 1 subject, 2 type, 3 organisation, 4 feed, 5 day, 6 action,
-- 7 standing: out of the queue until somebody answers.
-- name: feed_ticket_make :one
WITH t AS (
  INSERT INTO ticket (subject, status, type, how_reported, organisation, standing, due, closed)
  SELECT $1, CASE WHEN $7::boolean THEN 'resolved' ELSE 'new' END, $2, 'feed', $3, $7::boolean,
    CASE WHEN NOT $7::boolean THEN now() + interval '4 hours' END,
    CASE WHEN $7::boolean THEN now() END
  RETURNING number
), f AS (
  INSERT INTO feed_ticket (organisation, feed, day, action, ticket)
  SELECT $3, $4, $5::date, $6, number FROM t
), au AS (
  INSERT INTO audit (actor, action, ticket, object) SELECT 'policy', 'ticket.create', number, $4 FROM t
)
SELECT number AS ticket FROM t;

-- The rows of a mail that one such ticket is about become its events.
-- Arguments: 1 ticket, 2 message, 3 organisation, 4 feed, 5 action.
-- name: feed_ticket_rows :exec
WITH t AS (
  UPDATE ticket SET updated = now(), version = version + 1,
    status = CASE WHEN standing OR status IN ('new', 'open') THEN status ELSE 'open' END,
    closed = CASE WHEN standing THEN closed END
  WHERE number = $1
)
INSERT INTO event (ticket, message, type, source_ip, destination_ip,
  source_port, destination_port, protocol, "time", time_given, zone, url,
  domain, cve, malware, count, reporter_ref, evidence_part, verdict, reason,
  organisation, prefix, feed, severity, extra)
SELECT $1, s.message, e.type, e.source_ip, e.destination_ip, e.source_port, e.destination_port,
  e.protocol, e."time", e.time_given, coalesce(e.zone, 'unknown'), e.url, e.domain, e.cve,
  e.malware, e.count, e.reporter_ref, e.evidence_part,
  CASE s.verdict WHEN 'unassigned' THEN 'outside' ELSE s.verdict END,
  CASE s.verdict WHEN 'confirmed' THEN o.name || ' held ' || s.prefix || ' at the time of the event'
    WHEN 'probable' THEN e.domain || ' is a domain of ' || o.name
    ELSE 'no address to look up' END,
  f.organisation, s.prefix, s.feed, e.severity, e.extra
FROM sighting s
JOIN finding f ON f.id = s.finding
LEFT JOIN organisation o ON o.id = f.organisation
JOIN (SELECT DISTINCT st.policy, p.only_new
      FROM feed_stat st JOIN feed_policy p ON p.id = st.policy
      WHERE st.message = $2 AND st.organisation IS NOT DISTINCT FROM $3
        AND st.feed = $4 AND st.action = $5) w ON w.policy = s.policy
CROSS JOIN LATERAL jsonb_populate_record(NULL::event_given, s.row) e
WHERE s.message = $2 AND s.feed = $4 AND f.organisation IS NOT DISTINCT FROM $3
  AND (NOT w.only_new OR f.opened_by = $2)
ORDER BY s.id;

-- What the notice told a digest need not tell again.
-- name: feed_told :exec
UPDATE finding f SET told = 'open'
WHERE f.id IN (SELECT f2.id FROM finding f2
  WHERE f2.told = 'nothing' AND f2.organisation = $2
    AND f2.id IN (SELECT s.finding FROM sighting s JOIN feed_stat st ON st.message = s.message
      AND st.policy = s.policy AND st.feed = s.feed AND st.organisation = $2
      WHERE s.message = $1 AND s.feed = $3 AND st.action = 'notice')
  ORDER BY f2.key FOR UPDATE);

-- A feed that comes daily asks the same member again and again: the newest
-- notice that is not answered has the clock, as far as it had come.
-- Arguments: 1 the notice's mail, 2 organisation, 3 feed.
-- name: feed_notice_clock :exec
WITH o AS (
  SELECT n.id, n.level, n.stage, n.next_at FROM feed_ticket w
  JOIN ticket t ON t.number = w.ticket AND t.standing
  JOIN notice n ON n.ticket = w.ticket
  WHERE w.organisation = $2 AND w.feed = $3 AND w.action = 'notice'
    AND n.message <> $1 AND n.result IS NULL AND n.next_at IS NOT NULL
  ORDER BY n.id FOR UPDATE OF n
), still AS (
  UPDATE notice SET next_at = NULL WHERE id IN (SELECT id FROM o)
)
UPDATE notice n SET level = o.level, stage = o.stage, next_at = o.next_at
FROM (SELECT * FROM o ORDER BY next_at LIMIT 1) o
WHERE n.message = $1;

-- A mail that came as a report that nobody could read turns out to be a feed.
-- name: feed_reparsed :exec
WITH m AS (
  UPDATE message SET disposition = 'feed' WHERE id = $1 RETURNING ticket
)
UPDATE ticket t SET status = 'resolved', closed = now(), updated = now(),
  version = version + 1, subject = coalesce($2, subject)
FROM m WHERE t.number = m.ticket AND t.kind = 'report';

-- The feeds, the newest first.
-- name: feed_list :many
SELECT f.name, f.first_time, f.last_time, f.received, d.day::text AS day,
  coalesce(d.rows, 0) AS rows, coalesce(d.ours, 0) AS ours, coalesce(d.outside, 0) AS outside,
  coalesce(d.unassigned, 0) AS unassigned, coalesce(d.ignored, 0) AS ignored,
  coalesce(d.fresh, 0) AS fresh,
  (SELECT count(*) FROM finding x WHERE x.feeds @> ARRAY[f.name] AND x.state <> 'gone') AS there,
  f.received < now() - interval '3 days' AS late
FROM feed f
LEFT JOIN LATERAL (
  SELECT s.day, sum(s.rows) AS rows,
    sum(s.rows) FILTER (WHERE s.verdict IN ('confirmed', 'probable')) AS ours,
    sum(s.rows) FILTER (WHERE s.verdict = 'outside') AS outside,
    sum(s.rows) FILTER (WHERE s.verdict = 'unassigned') AS unassigned,
    sum(s.rows) FILTER (WHERE s.action = 'ignore') AS ignored,
    sum(s.fresh) AS fresh
  FROM feed_stat s WHERE s.feed = f.name AND s.day >= (f.last_time AT TIME ZONE 'UTC')::date
  GROUP BY s.day ORDER BY s.day DESC LIMIT 1) d ON true
ORDER BY f.last_time DESC, f.name LIMIT 500;

-- The line of each day in the statistics.
-- name: feed_days :many
SELECT d.day::date::text AS day, coalesce(s.rows, 0) AS rows, coalesce(s.ours, 0) AS ours,
  coalesce(s.outside, 0) AS outside, coalesce(s.unassigned, 0) AS unassigned,
  coalesce(s.ignored, 0) AS ignored, coalesce(s.fresh, 0) AS fresh,
  (SELECT count(*) FROM finding f WHERE f.state = 'gone'
    AND (f.gone_seen AT TIME ZONE 'UTC')::date = d.day) AS gone,
  (SELECT count(*) FROM digest g WHERE g.day = d.day AND g.message IS NOT NULL) AS digests,
  (SELECT count(*) FROM feed_ticket t WHERE t.day = d.day) AS tickets
FROM generate_series((now() AT TIME ZONE 'UTC')::date - 13, (now() AT TIME ZONE 'UTC')::date,
  interval '1 day') AS d (day)
LEFT JOIN (
  SELECT s.day, sum(s.rows) AS rows,
    sum(s.rows) FILTER (WHERE s.verdict IN ('confirmed', 'probable')) AS ours,
    sum(s.rows) FILTER (WHERE s.verdict = 'outside') AS outside,
    sum(s.rows) FILTER (WHERE s.verdict = 'unassigned') AS unassigned,
    sum(s.rows) FILTER (WHERE s.action = 'ignore') AS ignored,
    sum(s.fresh) AS fresh
  FROM feed_stat s WHERE s.day > (now() AT TIME ZONE 'UTC')::date - 14
  GROUP BY s.day) s ON s.day = d.day
ORDER BY d.day DESC LIMIT 14;

-- Where most rows outside were in the last 14 days.
-- name: feed_outside_nets :many
SELECT o.net::text AS net, sum(o.rows) AS rows
FROM feed_outside o
WHERE o.message IN (SELECT s.message FROM feed_stat s
  WHERE s.day > (now() AT TIME ZONE 'UTC')::date - 14)
GROUP BY o.net ORDER BY 2 DESC, o.net LIMIT 20;

-- Members whose newest digest could be sent to nobody.
-- name: feed_untold :many
SELECT o.name AS organisation, o.handle, d.day::text AS day, d.fresh + d.still + d.gone AS findings
FROM (SELECT DISTINCT ON (organisation) * FROM digest
      WHERE day > (now() AT TIME ZONE 'UTC')::date - 31
      ORDER BY organisation, day DESC, kind) d
JOIN organisation o ON o.id = d.organisation
WHERE d.message IS NULL AND d.fresh > 0
  AND NOT EXISTS (SELECT FROM contact_for(d.organisation, NULL, NULL, now()))
ORDER BY o.name LIMIT 100;
