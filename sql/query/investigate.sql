-- Notices: whom a case concerns, what each of them is told.

-- The outside parties of a ticket's events: members, and whoever is
-- responsible for addresses outside.  key: a member's handle, or an address
-- for mail; told: rows that an investigation is about already; investigation:
-- the open one with this party in the same case.
-- name: investigate_parties :many
WITH e AS (
  SELECT id, source_ip, organisation, verdict FROM events_of($1) ORDER BY id LIMIT 20000
), f AS (
  SELECT d.source_ip, lower(x.email) AS email, x.holder, x.reason
  FROM (SELECT DISTINCT source_ip FROM e
        WHERE organisation IS NULL AND verdict = 'outside' AND source_ip IS NOT NULL LIMIT 500) d
  CROSS JOIN LATERAL (SELECT * FROM foreign_contact_for(d.source_ip, NULL) ORDER BY n LIMIT 1) x
), p AS (
  SELECT o.handle AS key, e.organisation, o.name, NULL AS reason, e.id
  FROM e JOIN organisation o ON o.id = e.organisation
  UNION ALL
  SELECT f.email, NULL, coalesce(nullif(f.holder, ''), f.email), f.reason, e.id
  FROM e JOIN f ON f.source_ip = e.source_ip WHERE e.organisation IS NULL
  UNION ALL
  SELECT o.handle, t.organisation, o.name, NULL, NULL
  FROM ticket t JOIN organisation o ON o.id = t.organisation
  WHERE t.number = $1 AND NOT EXISTS (SELECT FROM e WHERE e.organisation = t.organisation)
)
SELECT p.key, p.organisation, (SELECT attach FROM organisation WHERE id = p.organisation) AS attach,
  lang_of(p.organisation, p.key) AS lang,
  min(p.name) AS name, min(p.reason) AS to_reason,
  count(p.id) AS rows,
  count(p.id) FILTER (WHERE EXISTS (SELECT FROM ticket_about b WHERE b.event = p.id)) AS told,
  (SELECT min(i.number) FROM ticket_link l JOIN ticket i ON i.number = l.child
   WHERE l.incident IN (SELECT $1::bigint UNION ALL SELECT incident FROM ticket_link WHERE child = $1)
     AND i.kind = 'investigation' AND i.status = 'open'
     -- (Restricted rows do not go onto a thread that others know.)
     AND i.restricted = (SELECT restricted FROM ticket WHERE number = $1)
     AND (i.organisation = p.organisation OR (p.organisation IS NULL AND EXISTS (
       SELECT FROM ticket_party q WHERE q.ticket = i.number AND q.email = p.key)))) AS investigation
FROM p GROUP BY p.key, p.organisation ORDER BY rows DESC, p.key LIMIT 500;

-- The rows of one party: 2 member, or 3 address for mail; of a thread of its
-- own (both NULL) all.  more: what a feed says of it beyond that, which a
-- digest tells the member, too; of a person's report it may be about himself.
-- name: investigate_events :many
SELECT e.id, e.type, e.source_ip,
  e.destination_ip, e.source_port,
  e.destination_port, e.protocol, e."time", e.time_given, e.zone, e.url,
  e.domain, e.cve, e.malware, e.count, e.reporter_ref, e.evidence_part,
  e.verdict, e.reason, e.prefix::text AS prefix, e.zone_name, e.as_given,
  CASE WHEN e.feed IS NOT NULL THEN concat_ws('; ', 'feed: ' || e.feed, 'severity: ' || e.severity,
    (SELECT string_agg(x.key || ': ' || x.value, '; ' ORDER BY x.key)
     FROM jsonb_each_text(e.extra) x)) END AS more,
  (SELECT CASE WHEN n.shared THEN 'yes' ELSE 'no' END FROM nat n
   WHERE n.net >>= e.source_ip ORDER BY masklen(n.net) DESC LIMIT 1) AS nat
FROM events_of($1) e
WHERE CASE WHEN $2::bigint IS NOT NULL THEN e.organisation = $2
  WHEN $3::text IS NOT NULL THEN e.organisation IS NULL AND e.verdict = 'outside' AND EXISTS (
    SELECT FROM (SELECT f.email FROM foreign_contact_for(e.source_ip, NULL) f ORDER BY f.n LIMIT 1) x
    WHERE lower(x.email) = $3)
  ELSE true END
ORDER BY e.id LIMIT 5000;

-- The same rows become what the thread is about; says how many are new.
-- name: investigate_about :exec
INSERT INTO ticket_about (ticket, event)
SELECT $4, e.id FROM events_of($1) e
WHERE CASE WHEN $2::bigint IS NOT NULL THEN e.organisation = $2
  ELSE e.organisation IS NULL AND e.verdict = 'outside' AND EXISTS (
    SELECT FROM (SELECT f.email FROM foreign_contact_for(e.source_ip, NULL) f ORDER BY f.n LIMIT 1) x
    WHERE lower(x.email) = $3) END
ORDER BY e.id LIMIT 5000
ON CONFLICT DO NOTHING;

-- Whom the member wants to be told of these events, each once.
-- name: investigate_to :many
SELECT DISTINCT ON (lower(c.email)) c.role, c.name, c.email, c.phone,
  concat_ws(' ', c.reason, '(mail to it came back on '
    || to_char(came_back(c.email) AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ')') AS reason
FROM (SELECT DISTINCT e.source_ip, coalesce(e.type, t.type) AS type
      FROM events_of($1) e JOIN ticket t ON t.number = $1
      WHERE e.organisation = $2
      UNION SELECT NULL, t.type FROM ticket t
      WHERE t.number = $1 AND NOT EXISTS (
        SELECT FROM events_of($1) e WHERE e.organisation = $2)
      LIMIT 2000) e
CROSS JOIN LATERAL contact_for($2, e.source_ip, e.type, now()) c
ORDER BY lower(c.email) LIMIT 20;

-- Those that took part in a thread with somebody outside.
-- name: investigate_to_thread :many
SELECT 'other' AS role, '' AS name, email, '' AS phone, 'takes part in this investigation' AS reason
FROM ticket_party WHERE ticket = $1 AND role = 'member' ORDER BY email LIMIT 20;

-- What a notice says of its ticket, and by which name of whom.  An incident
-- is as confidential as the strictest of its reports, whose rows it has.
-- name: investigate_head :opt
SELECT t.number, t.kind, t.status, t.type,
  (SELECT x.tlp FROM (SELECT t.tlp UNION ALL
     SELECT c.tlp FROM ticket_link l JOIN ticket c ON c.number = l.child
     WHERE l.incident = t.number AND c.kind = 'report') x
   ORDER BY tlp_rank(x.tlp) DESC LIMIT 1) AS tlp, t.reporter AS "from", t.name_reporter,
  t.how_reported, t.organisation AS organisation_id, o.name AS organisation, o.handle, o.attach,
  lang_of(t.organisation, (SELECT q.email FROM ticket_party q
    WHERE q.ticket = t.number AND q.role = 'member' ORDER BY q.email LIMIT 1)) AS lang,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = t.number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), t.subject) AS open_subject
FROM ticket t LEFT JOIN organisation o ON o.id = t.organisation
WHERE t.number = $1;

-- name: investigate_make :one
INSERT INTO notice (ticket, organisation, party, message, answer_by, next_at)
VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz) RETURNING id;

-- The incident on which a report hangs; the open one.
-- name: investigate_incident :opt
SELECT i.number FROM ticket_link l JOIN ticket i ON i.number = l.incident
WHERE l.child = $1 AND is_active(i.status) ORDER BY i.number LIMIT 1;
