-- Notices after they were sent (sql/0024_notice.sql, server/core/notice/notice.h).

-- What happens next at a party of that organisation and for that type.
-- name: notice_next_level :opt
SELECT level, days, minutes, act FROM notice_level
WHERE rule = notice_rule_for($1::bigint, $2::text) AND level > $3::int
ORDER BY level LIMIT 1;

-- name: notice_rule :one
SELECT answer_days AS days, answer_minutes AS minutes FROM notice_rule
WHERE id = notice_rule_for($1::bigint, $2::text);

-- (A feed's own ticket is out of the queue, and waits all the same.)
-- name: notice_of :opt
SELECT n.id, n.ticket, t.subject, t.type, CASE WHEN t.standing THEN 'open' ELSE t.status END AS status, n.organisation, n.party,
  n.message, n.sent, n.answer_by, n.received, n.result, n.result_at,
  n.result_by, n.stage, n.level, n.next_at, n.to_read, n.called,
  CASE WHEN n.to_read IS NOT NULL THEN n.said END AS said,
  (SELECT i."from" FROM message i WHERE i.id = n.to_read AND n.said IS NOT NULL) AS said_by,
  (SELECT bool_and(d.state IN ('refused', 'expired') OR d.state = 'bounced' AND d.bounce_hard)
   FROM delivery d WHERE d.message = n.message)
    AND NOT EXISTS (SELECT FROM notice_has(n.id)) AS returned,
  p.name AS owner, m.recipients AS "to",
  (SELECT min(r.number) FROM ticket_about b JOIN event e ON e.id = b.event
   JOIN ticket r ON r.number = e.ticket
   WHERE b.ticket = n.ticket AND r.missing <> '{}') AS ask
FROM notice n JOIN ticket t ON t.number = n.ticket
JOIN message m ON m.id = n.message
LEFT JOIN principal p ON p.id = t.owner
WHERE n.ticket = $1 ORDER BY n.id DESC LIMIT 1;

-- The ticket first, as every other act does.
-- name: notice_lock_ticket :opt
SELECT number AS ticket FROM ticket WHERE number = $1 FOR UPDATE;

-- name: notice_lock :opt
SELECT n.id, n.ticket, t.type, CASE WHEN t.standing THEN 'open' ELSE t.status END AS status,
  t.standing, t.kind, n.organisation, n.party,
  n.message, n.sent, n.answer_by, n.received, n.result, n.stage, n.level,
  n.to_read, n.restart, t.tlp
FROM notice n JOIN ticket t ON t.number = n.ticket
WHERE n.ticket = $1 ORDER BY n.id DESC LIMIT 1 FOR UPDATE OF n;

-- name: notice_set_result :exec
UPDATE notice SET result = $2, result_at = now(), result_by = $3 WHERE id = $1;

-- An answer brings the ticket back to the desk within half a day, a feed's
-- own into the queue.
-- name: notice_ticket_due :exec
UPDATE ticket SET due = least(due, now() + interval '4 hours'), waiting = NULL,
  status = CASE WHEN standing THEN 'open' ELSE status END,
  closed = CASE WHEN NOT standing THEN closed END, standing = false,
  updated = now(), version = version + 1
WHERE number = $1;

-- name: notice_received :exec
UPDATE notice SET received = coalesce(received, now()) WHERE id = $1;

-- name: notice_to_read :exec
UPDATE notice SET received = coalesce(received, now()), to_read = $2, said = $3 WHERE id = $1;

-- name: notice_was_read :exec
UPDATE notice SET to_read = NULL, restart = stage <> 'overdue',
  next_at = CASE WHEN stage <> 'overdue' THEN now() END
WHERE id = $1 AND to_read IS NOT NULL AND result IS NULL;

-- name: notice_called :exec
UPDATE notice SET called = now() WHERE id = $1;

-- What the clock has to do next; nobody else's, and nothing that somebody
-- works on just now.
-- name: notice_due :opt
SELECT n.id, n.ticket, t.type, CASE WHEN t.standing THEN 'open' ELSE t.status END AS status,
  t.standing, t.kind, n.organisation, n.party,
  n.message, n.sent, n.answer_by, n.received, n.result, n.stage, n.level,
  n.to_read, n.restart, t.tlp
FROM notice n JOIN ticket t ON t.number = n.ticket
WHERE n.next_at <= $1::timestamptz AND n.to_read IS NULL AND n.result IS NULL
  AND (is_active(t.status) OR t.standing)
ORDER BY n.next_at, n.id LIMIT 1 FOR UPDATE OF n, t SKIP LOCKED;

-- Of what a feed's own notice told nothing is there any more.
-- name: notice_gone :one
SELECT NOT EXISTS (SELECT FROM feed_ticket w
  JOIN event e ON e.ticket = w.ticket
  JOIN sighting s ON s.message = e.message AND s.feed = w.feed
  JOIN finding f ON f.id = s.finding AND f.organisation = w.organisation
    AND f.type IS NOT DISTINCT FROM e.type
    AND (f.address = e.source_ip OR (f.address IS NULL AND f.domain = lower(e.domain)))
  WHERE w.ticket = $1 AND f.state <> 'gone') AS gone;

-- name: notice_set :exec
UPDATE notice SET level = $2::int, stage = $3, next_at = $4::timestamptz,
  restart = false, called = CASE WHEN stage = $3 THEN called END
WHERE id = $1;

-- Who wrote the mail $2 on the thread.  third: it answers one that was sent on
-- ($3), or comes from somebody who got no other mail of this thread.  party:
-- their word is the party's.  $4 is the notice's organisation, $5 the domain
-- that the mail is proven to come from.  Who else got a copy of the thread, or
-- knows its address, is somebody else.
-- name: notice_writer :one
SELECT w."from", w.third, NOT w.third AND (
  EXISTS (SELECT FROM message o JOIN delivery d ON d.message = o.id
          WHERE o.ticket = $1 AND o.direction = 'out' AND o.purpose IN ('notice', 'reminder')
            AND lower(d.address) = lower(w."from"))
  OR EXISTS (SELECT FROM contact c WHERE c.organisation = $4::bigint AND c.removed_at IS NULL
               AND lower(c.email) = lower(w."from"))
  OR EXISTS (SELECT FROM contact_rule c WHERE c.organisation = $4::bigint AND c.period @> now()
               AND lower(c.email) = lower(w."from"))
  OR EXISTS (SELECT FROM organisation_domain d WHERE d.organisation = $4::bigint
               AND ($5::text = d.domain OR $5::text LIKE '%.' || d.domain))) AS party
FROM (SELECT i."from", EXISTS (SELECT FROM message WHERE id = $3 AND purpose = 'forward')
        OR coalesce((SELECT bool_and(o.purpose = 'forward')
             FROM message o JOIN delivery d ON d.message = o.id AND lower(d.address) = lower(i."from")
             WHERE o.ticket = $1 AND o.direction = 'out'), false) AS third
      FROM message i WHERE i.id = $2) w;

-- A reminder of the last $2 seconds, by hand or by the clock.
-- name: notice_reminded_lately :opt
SELECT id AS message FROM message
WHERE ticket = $1 AND direction = 'out' AND purpose = 'reminder'
  AND received > now() - make_interval(secs => $2::int)
ORDER BY id DESC LIMIT 1;

-- The clock of a notice starts again behind a reminder of somebody's own.
-- name: notice_reminded :exec
UPDATE notice SET stage = CASE stage WHEN 'sent' THEN 'remind' ELSE stage END,
  next_at = CASE WHEN next_at IS NOT NULL THEN now() END, restart = next_at IS NOT NULL
WHERE id = $1;

-- name: notice_postpone :exec
UPDATE notice SET next_at = $2::timestamptz WHERE id = $1 AND next_at IS NOT NULL;

-- Its ticket is overdue, and so is the incident above (case_roll_up); a feed's
-- own is in the queue from now on.
-- name: notice_overdue :exec
UPDATE ticket SET due = least(due, $2::timestamptz),
  status = CASE WHEN standing THEN 'open' ELSE status END,
  closed = CASE WHEN NOT standing THEN closed END, standing = false, updated = now(), version = version + 1
WHERE number = $1;

-- name: notice_mail :one
SELECT subject, text, message_id, received AS sent,
  coalesce(inspect ->> 'crypto' = 'encrypted', false) AS encrypted
FROM message WHERE id = $1;

-- Of a party outside, what it was asked about; of a member, what is at its
-- addresses, whatever else the ticket has.
-- name: notice_events :many
SELECT e.id, e.type, e.source_ip, e.destination_ip, e.source_port,
  e.destination_port, e.protocol, e."time", e.time_given, e.zone,
  e.zone_name, e.as_given, e.url, e.domain,
  (SELECT CASE WHEN x.shared THEN 'yes' ELSE 'no' END FROM nat x
   WHERE x.net >>= e.source_ip ORDER BY masklen(x.net) DESC LIMIT 1) AS nat
FROM notice n CROSS JOIN LATERAL events_of(n.ticket) e
WHERE n.ticket = $1 AND n.id = (SELECT max(id) FROM notice WHERE ticket = $1)
  AND (n.organisation IS NULL OR e.organisation = n.organisation)
ORDER BY e.id LIMIT $2;

-- Who has it: of those it went to, or, when it came back from all of them, of
-- those who were written to since.
-- name: notice_addresses :many
WITH h AS MATERIALIZED (SELECT * FROM notice_has($1))
SELECT address FROM h WHERE at_first OR NOT EXISTS (SELECT FROM h WHERE at_first) LIMIT 50;

-- Whom to turn to: others of that organisation who were not written to yet;
-- of a party outside, who stands above those that were (the best first).
-- name: notice_second :many
WITH n AS (
  SELECT organisation, ticket FROM notice WHERE id = $1
), told AS (
  SELECT lower(d.address) AS address
  FROM n JOIN message m ON m.ticket = n.ticket AND m.purpose IN ('notice', 'reminder')
  JOIN delivery d ON d.message = m.id
), step AS (
  SELECT CASE WHEN c.role IN ('management', 'technical') THEN 1 ELSE 2 END AS n, c.email AS address
  FROM n JOIN contact c ON c.organisation = n.organisation AND c.removed_at IS NULL
    AND c.role IN ('management', 'technical', 'cert', 'security')
  UNION ALL
  SELECT 2 + f.n, f.email
  FROM n CROSS JOIN LATERAL (
    SELECT e.source_ip FROM events_of(n.ticket) e
    WHERE n.organisation IS NULL AND e.source_ip IS NOT NULL AND e.verdict = 'outside'
    ORDER BY e.id LIMIT 1) e
  CROSS JOIN LATERAL foreign_contact_for(e.source_ip, NULL) f
), fresh AS (
  SELECT n, address FROM step WHERE lower(address) NOT IN (SELECT address FROM told)
)
SELECT DISTINCT ON (lower(address)) address FROM fresh
WHERE n = (SELECT min(n) FROM fresh) ORDER BY lower(address) LIMIT 10;

-- Of open tickets, the most urgent first.  The numbers to call are those of
-- the organisation's contacts, or of our book.
-- The page, and how many there are: no row behind the last one.
-- name: notice_list :many
WITH x AS MATERIALIZED (
  SELECT id, answer_by FROM notice_matching($1::text)
)
SELECT n.id, n.ticket, t.subject, t.type, CASE WHEN t.standing THEN 'open' ELSE t.status END AS status, n.organisation, n.party,
  n.message, n.sent, n.answer_by, n.received, n.result, n.result_at,
  n.result_by, n.stage, n.level, n.next_at, n.to_read, n.called,
  CASE WHEN n.to_read IS NOT NULL THEN n.said END AS said,
  (SELECT i."from" FROM message i WHERE i.id = n.to_read AND n.said IS NOT NULL) AS said_by,
  (SELECT bool_and(d.state IN ('refused', 'expired') OR d.state = 'bounced' AND d.bounce_hard)
   FROM delivery d WHERE d.message = n.message)
    AND NOT EXISTS (SELECT FROM notice_has(n.id)) AS returned,
  p.name AS owner, m.recipients AS "to", (SELECT count(*) FROM x) AS of_all,
  CASE WHEN $1::text = 'phone' THEN coalesce(
    (SELECT string_agg(DISTINCT concat_ws(' ', nullif(c.name, ''), '(' || c.role || ')', c.phone), ', ')
     FROM contact c WHERE c.organisation = n.organisation AND c.removed_at IS NULL AND c.phone <> ''),
    (SELECT string_agg(DISTINCT f.name || ' ' || f.phone, ', ')
     FROM delivery d JOIN foreign_contact f ON lower(f.email) = lower(d.address)
     WHERE d.message = n.message AND f.ended IS NULL AND f.phone <> '' AND n.organisation IS NULL)) END AS phones
FROM (SELECT id FROM x ORDER BY answer_by, id LIMIT 50 OFFSET $2::bigint * 50) x
JOIN notice n ON n.id = x.id
JOIN ticket t ON t.number = n.ticket
JOIN message m ON m.id = n.message
LEFT JOIN principal p ON p.id = t.owner
ORDER BY n.answer_by, n.id LIMIT 50;

-- name: notice_total :one
SELECT count(*) AS total FROM notice_matching($1::text);

-- Incidents that wait for nobody else.
-- name: notice_done_above :many
SELECT i.number AS ticket FROM ticket_link l JOIN ticket i ON i.number = l.incident
WHERE l.child = $1 AND is_active(i.status) AND NOT EXISTS (
  SELECT FROM ticket_link o JOIN ticket c ON c.number = o.child
  WHERE o.incident = i.number AND c.number <> $1 AND c.kind <> 'report' AND is_active(c.status))
ORDER BY i.number LIMIT 20;
