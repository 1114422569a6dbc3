-- Advisories and their fan-out (server/core/advisory*.c).

-- name: advisory_insert :one
INSERT INTO advisory (title, body, tlp, lists, topics, cves, author, edited_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
RETURNING number, created;

-- name: advisory_lock :opt
SELECT number, title, body, tlp, to_json(lists)::text AS lists,
  to_json(topics)::text AS topics, to_json(cves)::text AS cves, state,
  created, version, author AS author_id, edited_by AS editor_id
FROM advisory WHERE number = $1 FOR UPDATE;

-- name: advisory_update :exec
UPDATE advisory SET title = $2, body = $3, tlp = $4, lists = $5, topics = $6,
  cves = $7, edited_by = $8, updated = now(), version = version + 1,
  state = 'draft', approved_by = NULL, approved = NULL,
  stopped = CASE state WHEN 'sending' THEN now() ELSE stopped END,
  stopped_by = CASE state WHEN 'sending' THEN $8 ELSE stopped_by END,
  stopped_edit = state = 'sending' OR stopped_edit
WHERE number = $1;

-- name: advisory_approve :exec
UPDATE advisory SET state = 'approved', approved_by = $2, approved = now(),
  version = version + 1
WHERE number = $1 AND state = 'draft';

-- name: advisory_issued :exec
UPDATE advisory SET state = 'issued', issued_by = $2, issued = $3,
  message = $4, why = NULL, stopped = NULL, stopped_by = NULL, version = version + 1
WHERE number = $1 AND state IN ('approved', 'sending');

-- It is signed by a thread that may wait for gpg.
-- name: advisory_begin :exec
UPDATE advisory SET state = 'sending', sender = $2, mails = $3::int, composed = 0,
  why = NULL, stopped = NULL, stopped_by = NULL, stopped_edit = false, version = version + 1
WHERE number = $1;

-- name: advisory_stop :exec
UPDATE advisory SET state = 'approved', stopped = now(), stopped_by = $2, version = version + 1
WHERE number = $1 AND state = 'sending';

-- One that waits; taken until the connection lets go.
-- name: advisory_take :opt
SELECT c.number AS id, c.version, c.sender, p.name, p.email, p.role, p.disabled_at IS NOT NULL AS gone
FROM (
  SELECT * FROM (SELECT * FROM advisory WHERE state = 'sending' ORDER BY number LIMIT 100) s
  WHERE pg_try_advisory_lock(hashtext('tocsin.advisory'), s.number::int) LIMIT 1) c
JOIN principal p ON p.id = c.sender;

-- name: advisory_leave :exec
SELECT pg_advisory_unlock(hashtext('tocsin.advisory'), $1::int);

-- name: advisory_composed :exec
UPDATE advisory SET composed = $2::int WHERE number = $1;

-- name: advisory_give_up :exec
UPDATE advisory SET state = 'approved', why = $3, version = version + 1
WHERE number = $1 AND version = $2::int AND state = 'sending';

-- name: advisory_backdate :exec
UPDATE advisory SET created = $2, updated = $2, approved = $2
WHERE number = $1 AND state = 'approved';

-- name: advisory_get :opt
SELECT a.number, a.title, a.body, a.tlp, to_json(a.lists)::text AS lists,
  to_json(a.topics)::text AS topics, to_json(a.cves)::text AS cves, a.state,
  w.name AS author, e.name AS edited_by, p.name AS approved_by,
  i.name AS issued_by, a.created, a.updated, a.approved, a.issued, a.version,
  a.author AS author_id, a.edited_by AS editor_id, a.message,
  array_to_string(a.lists, ', ') AS lists_text,
  array_to_string(a.topics, ', ') AS topics_text,
  array_to_string(a.cves, ', ') AS cves_text, it.slug,
  CASE WHEN a.state = 'approved' THEN a.why END AS why, a.mails, a.composed,
  a.stopped, s.name AS stopped_by, a.stopped IS NOT NULL AND a.stopped_edit AS stopped_edit,
  (SELECT count(*) FROM delivery d
    WHERE d.advisory = a.number AND d.unsure > 0) AS unsure
FROM advisory a JOIN principal w ON w.id = a.author
  JOIN principal e ON e.id = a.edited_by
  LEFT JOIN principal p ON p.id = a.approved_by
  LEFT JOIN principal i ON i.id = a.issued_by
  LEFT JOIN principal s ON s.id = a.stopped_by
  LEFT JOIN item it ON it.advisory = a.number
WHERE a.number = $1;

-- name: advisory_list :many
SELECT a.number, a.title, a.tlp, to_json(a.lists)::text AS lists, a.state,
  w.name AS author, a.created, a.updated, a.issued,
  array_to_string(a.lists, ', ') AS lists_text
FROM advisory a JOIN principal w ON w.id = a.author
ORDER BY a.number DESC LIMIT $1 OFFSET $2;

-- name: advisory_count :one
SELECT count(*) AS n FROM advisory;

-- name: advisory_counts :one
SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
  count(*) FILTER (WHERE state = 'claimed') AS claimed,
  count(*) FILTER (WHERE state = 'handing') AS handing,
  count(*) FILTER (WHERE state = 'sent') AS sent,
  count(*) FILTER (WHERE state = 'deferred') AS deferred,
  count(*) FILTER (WHERE state = 'refused') AS refused,
  count(*) FILTER (WHERE state = 'bounced') AS bounced,
  count(*) FILTER (WHERE state = 'expired') AS expired,
  count(*) FILTER (WHERE state = 'held') AS held
FROM delivery WHERE advisory = $1;

-- The rate is that of the last ten seconds in which anything was sent at
-- all, counted from now: a sender that stopped shows as 0.
-- name: advisory_progress :one
SELECT (SELECT state FROM advisory WHERE number = $1) AS state,
  (SELECT mails FROM advisory WHERE number = $1) AS mails,
  (SELECT composed FROM advisory WHERE number = $1) AS composed,
  count(*) AS total,
  count(*) FILTER (WHERE state IN ('sent', 'refused', 'bounced', 'expired'))
    AS done,
  count(*) FILTER (WHERE state IN ('queued', 'claimed', 'handing')) AS waiting,
  count(*) FILTER (WHERE state = 'sent') AS sent,
  count(*) FILTER (WHERE state = 'deferred') AS deferred,
  count(*) FILTER (WHERE state = 'refused') AS refused,
  count(*) FILTER (WHERE state = 'bounced') AS bounced,
  count(*) FILTER (WHERE state = 'expired') AS expired,
  count(*) FILTER (WHERE state = 'held') AS held,
  count(*) FILTER (WHERE unsure > 0) AS unsure,
  (count(*) FILTER (WHERE sent > now() - interval '10 s') /
    greatest(1, least(10, extract(epoch FROM now() - min(created)))))::bigint
    AS rate
FROM delivery WHERE advisory = $1;

-- name: advisory_domains :many
SELECT split_part(lower(address), '@', 2) AS domain,
  count(*) FILTER (WHERE state IN ('deferred', 'refused', 'bounced',
    'expired', 'held')) AS failed,
  count(*) AS total,
  max(concat_ws(' ', code, reply)) FILTER (WHERE state IN ('deferred',
    'refused', 'bounced', 'expired', 'held')) AS reply
FROM delivery WHERE advisory = $1
GROUP BY 1
HAVING count(*) FILTER (WHERE state IN ('deferred', 'refused', 'bounced',
  'expired', 'held')) > 0
ORDER BY 2 DESC, 1 LIMIT 5;

-- name: advisory_deliveries :many
SELECT d.address, d.state, d.attempts, d.code, d.reply, d.sent,
  CASE WHEN d.state IN ('queued', 'deferred') THEN d.next_try END AS next_try,
  d.unsure, l.name AS list,
  CASE WHEN d.bounced IS NOT NULL THEN CASE WHEN d.bounce_hard THEN 'hard' ELSE 'soft' END END AS bounce,
  d.bounce_status, d.bounce_reason, '/api/v1/messages/' || d.bounce_message || '/raw' AS bounce_raw
FROM delivery d LEFT JOIN list l ON l.id = d.list
WHERE d.advisory = $1 AND ($2::text IS NULL OR d.state = $2)
ORDER BY d.id LIMIT $3 OFFSET $4;

-- name: advisory_deliveries_count :one
SELECT count(*) AS n FROM delivery
WHERE advisory = $1 AND ($2::text IS NULL OR state = $2);

-- name: advisory_recipients :one
SELECT count(DISTINCT lower(s.email)) AS n
FROM list l JOIN subscriber s ON s.list = l.id AND s.status = 'active'
WHERE l.name = ANY($1::text[]);

-- What it says to members alone: their hosts in campaigns that belong to it
-- and told them, without those where it is gone.  To registered contacts on a
-- closed list, and to nobody else: an open list takes whoever has an address.
-- Nothing that was told on a ticket, or came from one, that is restricted by
-- now: what who issues it cannot see is not there, and so not known to be open.
-- name: advisory_yours :many
WITH c AS MATERIALIZED (
  SELECT c.id FROM campaign c
  WHERE c.advisory = $1 AND c.state = 'sent' AND c.source <> 'digest'
    AND coalesce(c.tlp, 'AMBER') NOT IN ('RED', 'AMBER+STRICT')
    AND EXISTS (SELECT FROM ticket t WHERE t.number = c.incident AND NOT t.restricted)
), m AS MATERIALIZED (
  SELECT s.organisation, count(DISTINCT lower(s.email)) AS recipients
  FROM advisory a JOIN list l ON l.name = ANY (a.lists) AND l.policy = 'closed'
  JOIN subscriber s ON s.list = l.id AND s.status = 'active'
  JOIN contact t ON t.organisation = s.organisation AND lower(t.email) = lower(s.email) AND t.removed_at IS NULL
  WHERE a.number = $1 AND EXISTS (SELECT FROM c) GROUP BY s.organisation
), h AS (
  SELECT p.organisation, r."time", coalesce(CASE
      WHEN masklen(r.source_ip) = CASE family(r.source_ip) WHEN 4 THEN 32 ELSE 128 END THEN host(r.source_ip)
      ELSE text(r.source_ip) END, r.domain, r.url) AS host
  FROM c JOIN campaign_party p ON p.campaign = c.id AND p.ticket IS NOT NULL
  JOIN m ON m.organisation = p.organisation
  JOIN campaign_row r ON r.campaign = p.campaign AND r.party = p.n
  LEFT JOIN finding f ON f.id = r.finding
  WHERE f.state IS DISTINCT FROM 'gone'
    AND EXISTS (SELECT FROM ticket t WHERE t.number = p.ticket AND NOT t.restricted)
    AND (r.origin IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.number = r.origin AND NOT t.restricted))
), n AS (
  SELECT organisation, host, min("time") AS first, max("time") AS last,
    row_number() OVER (PARTITION BY organisation ORDER BY host) AS n
  FROM h WHERE host IS NOT NULL GROUP BY organisation, host
)
SELECT n.organisation, o.name, m.recipients, count(*) AS hosts, min(n.first) AS first, max(n.last) AS last,
  string_agg(n.host, ', ' ORDER BY n.n) FILTER (WHERE n.n <= 20) AS sample
FROM n JOIN m ON m.organisation = n.organisation JOIN organisation o ON o.id = n.organisation
GROUP BY n.organisation, o.name, m.recipients ORDER BY o.name, n.organisation LIMIT 2001;

-- name: advisory_campaigns :many
SELECT id, title FROM campaign WHERE advisory = $1 ORDER BY id LIMIT 50;

-- One row an address, however it is written and on how many lists it
-- stands; the list named first is the one it may leave.  Contacts of members
-- $4 get message $5; those behind all others, so that each is read once.
-- name: advisory_fan_out :exec
INSERT INTO delivery (message, address, advisory, subscriber, list)
SELECT coalesce(y.message, $1), q.email, $2, q.id, q.list FROM (
  SELECT DISTINCT ON (lower(s.email)) s.email, s.id, s.list
  FROM unnest($3::text[]) WITH ORDINALITY AS named (name, place)
    JOIN list l ON l.name = named.name
    JOIN subscriber s ON s.list = l.id AND s.status = 'active'
  ORDER BY lower(s.email), named.place) q
LEFT JOIN LATERAL (
  SELECT x.message FROM list l JOIN subscriber s ON s.list = l.id AND s.status = 'active'
    AND lower(s.email) = lower(q.email)
  JOIN contact t ON t.organisation = s.organisation AND lower(t.email) = lower(s.email) AND t.removed_at IS NULL
  JOIN unnest($4::bigint[], $5::bigint[]) AS x (organisation, message) ON x.organisation = s.organisation
  WHERE l.name = ANY ($3::text[]) AND l.policy = 'closed'
  ORDER BY s.id LIMIT 1) y ON cardinality($4::bigint[]) > 0
ORDER BY y.message NULLS FIRST, q.id;

-- name: advisory_freeze :one
INSERT INTO message (direction, received, "from", from_name, recipients,
  subject, date, sha256, size, format, text, author, purpose, inspect)
VALUES ('out', $1, $2, $3, $4, $5, $1, $6, $7, 'plain', $8, $9, 'advisory',
  $10::jsonb)
RETURNING id;

-- name: advisory_freeze_raw :exec
INSERT INTO message_raw (message, seq, bytes) VALUES ($1, $2, $3);


-- name: advisory_list_gate :opt
SELECT name, max_tlp FROM list WHERE name = $1 FOR SHARE;
