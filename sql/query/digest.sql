-- Digests: what feeds found, told to members (server/core/feed/digest.c).

-- Members with something to tell and without a digest of this kind and day.
-- name: digest_due :many
SELECT o.id AS organisation, o.name, o.handle FROM organisation o
WHERE o.id > $3 AND NOT EXISTS (SELECT FROM digest d
    WHERE d.organisation = o.id AND d.kind = $1 AND d.day = $2::date)
  AND EXISTS (SELECT FROM finding f
    WHERE f.organisation = o.id AND (f.state <> 'gone' OR f.told = 'open'))
ORDER BY o.id LIMIT 200;

-- name: digest_week_made :opt
SELECT true AS made FROM digest_week WHERE day = $1::date;

-- name: digest_week_end :exec
INSERT INTO digest_week (day) VALUES ($1::date) ON CONFLICT DO NOTHING;

-- No row: somebody else makes it, or has made it.
-- name: digest_begin :opt
INSERT INTO digest (organisation, kind, day) VALUES ($1, $2, $3::date)
ON CONFLICT DO NOTHING RETURNING organisation;

-- In the order of intake.  While we hold them no sighting is added.
-- name: digest_lock :exec
SELECT count(*) FROM (
  SELECT FROM finding WHERE organisation = $1 AND (state <> 'gone' OR told = 'open')
  ORDER BY key FOR UPDATE) f;

-- What is told: all that the policy sends by this kind of digest ($2), with
-- whom to tell.  Arguments: 1 organisation, 2 "digest-daily" or "-weekly".
-- name: digest_findings :many
WITH there AS MATERIALIZED (
  SELECT f.*, coalesce(f.type, '') AS kind, coalesce(f.severity, '') AS worst,
    -- (An address matters only where a rule of the member names a prefix.)
    CASE WHEN EXISTS (SELECT FROM contact_rule WHERE organisation = $1 AND net IS NOT NULL)
      THEN coalesce(host(f.address), '') ELSE '' END AS place
  FROM finding f WHERE f.organisation = $1 AND (f.state <> 'gone' OR f.told = 'open')
), rule AS MATERIALIZED (
  SELECT c.feeds, c.kind, c.worst, p.id AS policy, p.at_least, p.only_new
  FROM (SELECT DISTINCT feeds, kind, worst FROM there) c
  CROSS JOIN LATERAL (
    SELECT p.* FROM unnest(c.feeds) AS feed (name),
      feed_policy_for(feed.name, nullif(c.kind, ''), nullif(c.worst, ''), $1) p
    WHERE p.action = $2 ORDER BY p.id LIMIT 1) p
), whom AS MATERIALIZED (
  SELECT p.kind, p.place, (SELECT string_agg(lower(c.email), ' ' ORDER BY lower(c.email))
    FROM contact_for($1, nullif(p.place, '')::inet, nullif(p.kind, ''), now()) c) AS addresses
  FROM (SELECT DISTINCT kind, place FROM there) p
), told AS (
  SELECT t.*, r.at_least, r.only_new, w.addresses, n.rows,
    CASE WHEN t.state = 'gone' THEN 'gone' WHEN t.told = 'open' THEN 'still' ELSE 'new' END AS what,
    count(*) OVER (PARTITION BY r.policy) AS of_rule
  FROM there t
  JOIN rule r ON r.feeds = t.feeds AND r.kind = t.kind AND r.worst = t.worst
  JOIN whom w ON w.kind = t.kind AND w.place = t.place
  LEFT JOIN LATERAL (SELECT count(*) AS rows FROM sighting s
    WHERE s.finding = t.id AND s.id > t.told_sighting) n ON true
  WHERE NOT (r.only_new AND t.state <> 'gone' AND t.told = 'open')
)
SELECT id, what, addresses, coalesce(host(address), domain) AS address, port, type, severity,
  array_to_string(feeds, ' ') AS feeds, first_seen, last_seen, count, returns, rows
FROM told WHERE of_rule >= at_least
ORDER BY addresses, CASE what WHEN 'new' THEN 1 WHEN 'still' THEN 2 ELSE 3 END,
  severity_rank(severity) DESC, type, told.address, domain, port, id
LIMIT 20000;

-- The rows behind them since the last digest; of a finding without any, the
-- last one there is.  Members of "extra" become texts, whatever they are.
-- name: digest_rows :many
SELECT f.id AS finding, s."time", s.feed, s.prefix::text AS prefix,
  (s.row || jsonb_build_object('extra', (SELECT jsonb_object_agg(x.key, x.value)
    FROM jsonb_each_text(s.row -> 'extra') x)))::text AS row
FROM unnest($1::bigint[]) WITH ORDINALITY AS x (id, n)
JOIN finding f ON f.id = x.id
CROSS JOIN LATERAL (
  SELECT s.* FROM sighting s
  WHERE s.finding = f.id AND s.id >= least(f.told_sighting + 1,
    (SELECT max(m.id) FROM sighting m WHERE m.finding = f.id))
  ORDER BY s.id DESC LIMIT 500) s
ORDER BY x.n, s.id LIMIT 20001;

-- name: digest_ticket :one
WITH t AS (
  INSERT INTO ticket (subject, status, how_reported, organisation, standing, closed, tlp)
  VALUES ($1, 'resolved', 'feed', $2, true, now(), 'AMBER')
  RETURNING number
), au AS (
  INSERT INTO audit (actor, action, ticket, object) SELECT 'policy', 'ticket.create', number, 'digest' FROM t
)
SELECT number AS ticket FROM t;

-- The campaign of a kind and day, made by whoever comes first; who has it
-- holds it, so that its parties are numbered one after the other.
-- name: digest_campaign :one
INSERT INTO campaign (title, tlp, source, digest, day, state, sent_at, actor)
VALUES ($3, 'AMBER', 'digest', $1, $2::date, 'sent', now(), 'policy')
ON CONFLICT (digest, day) DO UPDATE SET sent_at = campaign.sent_at RETURNING id;

-- A party of it with its own findings; what those say is theirs.
-- name: digest_party :one
WITH p AS (
  INSERT INTO campaign_party (campaign, n, key, organisation, name, rows)
  SELECT $1, 1 + coalesce((SELECT max(n) FROM campaign_party WHERE campaign = $1), 0), $2, $3, $4,
    cardinality($5::bigint[])
  RETURNING n
), r AS (
  INSERT INTO campaign_row (campaign, n, party, finding, verdict)
  SELECT $1, x.n + coalesce((SELECT max(n) FROM campaign_row WHERE campaign = $1), 0),
    (SELECT n FROM p), x.id, 'confirmed'
  FROM unnest($5::bigint[]) WITH ORDINALITY AS x (id, n)
)
SELECT n FROM p;

-- name: digest_told :exec
UPDATE finding f SET told = CASE f.state WHEN 'gone' THEN 'gone' ELSE 'open' END,
  told_sighting = coalesce((SELECT max(s.id) FROM sighting s WHERE s.finding = f.id), 0)
WHERE f.id = ANY ($1::bigint[]);

-- name: digest_end :exec
UPDATE digest SET ticket = $4, message = $5, fresh = $6::int, still = $7::int, gone = $8::int,
  rows = $9::int
WHERE organisation = $1 AND kind = $2 AND day = $3::date;
