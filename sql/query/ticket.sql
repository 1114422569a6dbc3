-- Tickets: the queue, one ticket, and the acts of the desk.

-- The page an analyst lives on: active tickets, most urgent first.  Without
-- an argument the server plans it once; with one it does so at every view,
-- because it takes any OFFSET for a tenth of the table.
-- name: ticket_active_first :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner,
  (SELECT name FROM organisation WHERE id = t.organisation) AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted
FROM (SELECT * FROM ticket
      WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
        AND grouped_into IS NULL AND NOT held
      ORDER BY due, number LIMIT 50) t
LEFT JOIN principal p ON p.id = t.owner
ORDER BY t.due, t.number;

-- The same in short, beside a ticket.
-- name: ticket_beside :many
SELECT t.number, t.subject, t.reporter AS "from",
  (SELECT name FROM organisation WHERE id = t.organisation) AS organisation
FROM ticket t
WHERE t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
  AND t.grouped_into IS NULL AND NOT t.held
ORDER BY t.due, t.number LIMIT 30;

-- Its further pages.
-- name: ticket_active :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted
FROM (SELECT number FROM ticket
      WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
        AND grouped_into IS NULL AND NOT held
      ORDER BY due, number LIMIT 50 OFFSET $1::bigint * 50) m
JOIN ticket t ON t.number = m.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY t.due, t.number LIMIT 50;

-- What one person owns.  OFFSET 0: first all of it, then its order; else the
-- server reads all that is open in its order, and hopes to meet fifty of hers.
-- name: ticket_mine :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted
FROM (SELECT number FROM (
        SELECT number, due FROM ticket
        WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
          AND grouped_into IS NULL AND NOT held AND owner = $1::bigint OFFSET 0) m
      ORDER BY due, number LIMIT 50 OFFSET $2::bigint * 50) m
JOIN ticket t ON t.number = m.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY t.due, t.number LIMIT 50;

-- Any filter.  Arguments: 1 status (NULL active, any), 2 view, 3 type,
-- 4 organisation, 5 words, 6 address or prefix, 7 me, 8 those folded into
-- another too, 9 kind, 10 page.
-- name: ticket_search :many each
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted
FROM ticket_matching($1::text, $2::text, $3::text, $4::text, $5::text,
  $6::inet, $7::bigint, $8::boolean, $9::text, $10::timestamptz, $11::timestamptz) t
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY CASE WHEN $1 IS NULL THEN t.due END, CASE WHEN $1 IS NULL THEN t.number END, t.number DESC
LIMIT 50 OFFSET $12::bigint * 50;

-- The same, and how many there are: they are looked for once; 13: the newest
-- first, whatever their status.  No row behind the last page.  (MATERIALIZED: else the planner, who is asked for fifty in
-- their order, reads all tickets in that order.)
-- name: ticket_found :many each
WITH m AS MATERIALIZED (
  SELECT number, due FROM ticket_matching($1::text, $2::text, $3::text, $4::text, $5::text,
    $6::inet, $7::bigint, $8::boolean, $9::text, $10::timestamptz, $11::timestamptz)
)
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted,
  (SELECT count(*) FROM m) AS of_all
FROM (SELECT number FROM m
  ORDER BY CASE WHEN $1 IS NULL AND NOT $13::boolean THEN due END,
    CASE WHEN $1 IS NULL AND NOT $13 THEN number END, number DESC
  LIMIT 50 OFFSET $12::bigint * 50) f
JOIN ticket t ON t.number = f.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY CASE WHEN $1 IS NULL AND NOT $13 THEN t.due END,
  CASE WHEN $1 IS NULL AND NOT $13 THEN t.number END, t.number DESC
LIMIT 50;

-- The same for a member or an address and nothing else, which is asked for
-- most, as ticket_matching() has it: one plan for all, for to make one takes
-- longer than to find them.  1 status (NULL active, any), 2 what is looked for,
-- 3 page.
-- name: ticket_found_member :many
WITH m AS MATERIALIZED (
  SELECT number, due FROM ticket
  WHERE organisation = ANY (ARRAY(SELECT id FROM organisation
      WHERE name ILIKE '%' || $2::text || '%' OR handle = lower($2)))
    AND ($1::text = 'any' OR status = $1 OR ($1 IS NULL AND is_active(status)))
)
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted,
  (SELECT count(*) FROM m) AS of_all
FROM (SELECT number FROM m
  ORDER BY CASE WHEN $1::text IS NULL THEN due END, CASE WHEN $1 IS NULL THEN number END, number DESC
  LIMIT 50 OFFSET $3::bigint * 50) f
JOIN ticket t ON t.number = f.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY CASE WHEN $1 IS NULL THEN t.due END, CASE WHEN $1 IS NULL THEN t.number END, t.number DESC
LIMIT 50;

-- name: ticket_found_address :many
WITH m AS MATERIALIZED (
  SELECT number, due FROM ticket
  WHERE number = ANY (ARRAY(
      SELECT ticket FROM event
      WHERE source_ip >= network($2::inet)::inet AND source_ip <<= $2
        AND source_ip <= set_masklen(broadcast($2), CASE family($2) WHEN 4 THEN 32 ELSE 128 END)
      UNION
      SELECT ticket FROM event
      WHERE destination_ip >= network($2)::inet AND destination_ip <<= $2
        AND destination_ip <= set_masklen(broadcast($2), CASE family($2) WHEN 4 THEN 32 ELSE 128 END)))
    AND ($1::text = 'any' OR status = $1 OR ($1 IS NULL AND is_active(status)))
)
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted,
  (SELECT count(*) FROM m) AS of_all
FROM (SELECT number FROM m
  ORDER BY CASE WHEN $1::text IS NULL THEN due END, CASE WHEN $1 IS NULL THEN number END, number DESC
  LIMIT 50 OFFSET $3::bigint * 50) f
JOIN ticket t ON t.number = f.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY CASE WHEN $1 IS NULL THEN t.due END, CASE WHEN $1 IS NULL THEN t.number END, t.number DESC
LIMIT 50;

-- Words and nothing else, in one plan for all as well.  What they hit is
-- looked at only while it is not too much (8,000 subjects, or mails): else the
-- one row says "often" and has no ticket, and ticket_found_often is asked.
-- Two letters may have no trigram, and the index would hand out all it has: 4
-- says so.  A number among them is likely to be rare (5, or null), and is
-- looked up alone: what the others have in common with half of all takes fifty
-- times as long to read.  1 status, 2 words, 3 page.
-- name: ticket_found_words :many
WITH k AS MATERIALIZED (
  SELECT number, subject_folded FROM ticket
  WHERE $5::text IS NOT NULL AND subject_folded LIKE '%' || lower($5) || '%' LIMIT 2001
), s AS MATERIALIZED (
  SELECT number FROM k
  WHERE (SELECT count(*) FROM k) <= 2000 AND subject_folded LIKE '%' || lower($2::text) || '%'
  UNION ALL
  (SELECT number FROM ticket
   WHERE NOT $4::boolean AND ($5 IS NULL OR (SELECT count(*) FROM k) > 2000)
     AND subject_folded LIKE '%' || lower($2) || '%' LIMIT 8001)
), r AS MATERIALIZED (
  SELECT number FROM ticket
  WHERE $4 AND subject_folded || '' LIKE '%' || lower($2) || '%' LIMIT 8001
), w AS MATERIALIZED (
  SELECT m.ticket FROM message m
  WHERE to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
    @@ plainto_tsquery('simple', $2) AND m.ticket IS NOT NULL LIMIT 8001
), o AS MATERIALIZED (
  SELECT CASE WHEN (SELECT count(*) FROM s) > 8000 THEN true
    WHEN (SELECT count(*) FROM r) > 8000 THEN true
    ELSE (SELECT count(*) FROM w) > 8000 END AS often
), m AS MATERIALIZED (
  SELECT number, due FROM ticket
  WHERE NOT (SELECT often FROM o)
    AND number = ANY (ARRAY(SELECT number FROM s UNION SELECT number FROM r UNION SELECT ticket FROM w
      UNION SELECT CASE WHEN $2 ~ '^#*[1-9][0-9]{0,17}$' THEN ltrim($2, '#')::bigint END))
    AND ($1::text = 'any' OR status = $1 OR ($1 IS NULL AND is_active(status)))
)
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, g.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, coalesce(t.held, false) AS held,
  t.version, coalesce(t.restricted, false) AS restricted,
  (SELECT count(*) FROM m) AS of_all, o.often
FROM o
LEFT JOIN (SELECT number FROM m
  ORDER BY CASE WHEN $1::text IS NULL THEN due END, CASE WHEN $1 IS NULL THEN number END, number DESC
  LIMIT 50 OFFSET $3::bigint * 50) f ON true
LEFT JOIN ticket t ON t.number = f.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation g ON g.id = t.organisation
ORDER BY CASE WHEN $1 IS NULL THEN t.due END, CASE WHEN $1 IS NULL THEN t.number END, t.number DESC
LIMIT 50;

-- The same question for words beside other filters: 1 words, 2 without a
-- trigram.
-- name: ticket_words_often :one
SELECT CASE WHEN (SELECT count(*) FROM (SELECT FROM ticket
    WHERE NOT $2::boolean AND subject_folded LIKE '%' || lower($1::text) || '%' LIMIT 8001) s) > 8000 THEN true
  WHEN (SELECT count(*) FROM (SELECT FROM ticket
    WHERE $2 AND subject_folded || '' LIKE '%' || lower($1) || '%' LIMIT 8001) r) > 8000 THEN true
  ELSE (SELECT count(*) FROM (SELECT FROM message m
    WHERE to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
      @@ plainto_tsquery('simple', $1) AND m.ticket IS NOT NULL LIMIT 8001) w) > 8000 END AS often;

-- Words that are in very many tickets, arguments as ticket_search: those of
-- the numbers from 12 to 13, the newest first, at most 14.  ticket.c asks for
-- the newest hundred numbers, and for older ones until the page is full: to
-- collect all takes a hundred times longer.  15: few numbers, each looked at
-- that the other filters leave; else their mails that have the word are collected.
-- name: ticket_found_often :many each
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted
FROM ticket_matching($1::text, $2::text, $3::text, $4::text, NULL,
  $6::inet, $7::bigint, $8::boolean, $9::text, $10::timestamptz, $11::timestamptz) t
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
WHERE t.number BETWEEN $12::bigint AND $13::bigint
  AND (t.subject_folded LIKE '%' || lower($5::text) || '%'
    OR t.number = CASE WHEN $5 ~ '^#*[1-9][0-9]{0,17}$' THEN ltrim($5, '#')::bigint END
    OR CASE WHEN $15::boolean THEN (SELECT true FROM message m WHERE m.ticket = t.number
        AND to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
          @@ plainto_tsquery('simple', $5) LIMIT 1)
      ELSE t.number IN (SELECT m.ticket FROM message m
        WHERE m.ticket BETWEEN $12 AND $13
          AND to_tsvector('simple', coalesce(m.subject, '') || ' ' || left(coalesce(m.text, ''), 50000))
            @@ plainto_tsquery('simple', $5)) END)
ORDER BY t.number DESC LIMIT $14::bigint;

-- The same beside a member or an address: among the newest 13 of its tickets,
-- each looked at until the page is full, of which 12 go before.  "often": there
-- are more of its tickets.  (The scalar queries are asked one ticket at a time;
-- EXISTS might be hashed, which reads all mails that have the word.)
-- name: ticket_found_near :many each
WITH m AS MATERIALIZED (
  SELECT number FROM ticket_matching($1::text, $2::text, $3::text, $4::text, NULL,
    $6::inet, $7::bigint, $8::boolean, $9::text, $10::timestamptz, $11::timestamptz)
  ORDER BY number DESC LIMIT $13::bigint
)
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.completeness, t.reports, t.grouped_into, t.held, t.version, t.restricted,
  (SELECT count(*) FROM m) = $13 AS often
FROM (SELECT n.number FROM (SELECT number FROM m ORDER BY number DESC OFFSET 0) n
  WHERE n.number = CASE WHEN $5::text ~ '^#*[1-9][0-9]{0,17}$' THEN ltrim($5, '#')::bigint END
    OR (SELECT s.subject_folded LIKE '%' || lower($5) || '%' FROM ticket s WHERE s.number = n.number)
    OR (SELECT true FROM message x WHERE x.ticket = n.number
          AND to_tsvector('simple', coalesce(x.subject, '') || ' ' || left(coalesce(x.text, ''), 50000))
            @@ plainto_tsquery('simple', $5) LIMIT 1)
  LIMIT 51 OFFSET $12::bigint) f
JOIN ticket t ON t.number = f.number
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
ORDER BY t.number DESC LIMIT 51;

-- name: ticket_newest :one
SELECT coalesce(max(number), 0) AS total FROM ticket;

-- name: ticket_search_total :one each
SELECT count(*) AS total
FROM ticket_matching($1::text, $2::text, $3::text, $4::text, $5::text,
  $6::inet, $7::bigint, $8::boolean, $9::text, $10::timestamptz, $11::timestamptz);

-- name: ticket_counts :one
SELECT count(*) FILTER (WHERE status = 'new' AND NOT held) AS fresh,
  count(*) FILTER (WHERE owner = $1::bigint AND NOT held) AS mine,
  count(*) FILTER (WHERE owner IS NULL AND NOT held) AS unowned,
  count(*) FILTER (WHERE waiting IS NOT NULL) AS waiting,
  count(*) FILTER (WHERE due < now() AND kind <> 'incident') AS overdue,
  count(*) FILTER (WHERE NOT held) AS active,
  count(*) FILTER (WHERE kind = 'incident') AS incidents,
  (SELECT count(*) FROM ticket WHERE answered IS NOT NULL) AS answered,
  (SELECT count(*) FROM message WHERE disposition = 'junk' AND ticket IS NULL) AS junk
FROM ticket
WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
  AND grouped_into IS NULL;

-- name: ticket_by_number :one
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, o.name AS organisation, t.updated,
  t.priority, t.how_reported, t.reporter_name, t.tlp, t.name_reporter,
  t.claims, t.their_ref, t.closed, t.version, t.owner AS owner_id,
  t.organisation AS organisation_id, t.waiting, t.answered, t.verdict,
  t.completeness, t.reports, t.grouped_into, t.escalated,
  t.first_seen, t.last_seen,
  t.held, t.merged_into, t.resolution, t.expires, t.restricted, t.restricted_why,
  CASE WHEN t.waiting IS NOT NULL THEN t.waiting_for END AS waiting_for,
  to_json(t.missing)::text AS missing,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = t.number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), t.subject) AS open_subject
FROM ticket t
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
WHERE t.number = $1;

-- The thread, oldest first, with those of all that hangs on an incident;
-- copies are only counted.
-- name: ticket_messages :many
SELECT m.id, m.ticket, m.direction, m.disposition, m."from", m.from_name, m.recipients,
  m.cc, m.subject, m.received AS date, m.sha256, m.size,
  '/api/v1/messages/' || m.id || '/raw' AS raw, m.format, m.purpose,
  CASE WHEN m.direction = 'comment' THEN coalesce(p.name, m.from_name) ELSE p.name END AS author,
  -- (what a party wrote on its page)
  (m.direction = 'comment' AND m.author IS NULL) AS theirs, m.text, m.parsed,
  (SELECT json_agg(json_build_object('address', d.address, 'state', d.state,
            'attempts', d.attempts, 'code', d.code, 'reply', d.reply,
            'sent', d.sent, 'bounce', CASE WHEN d.bounced IS NOT NULL THEN CASE WHEN d.bounce_hard THEN 'hard' ELSE 'soft' END END,
            'bounce_status', d.bounce_status, 'bounce_reason', d.bounce_reason,
            'bounce_raw', '/api/v1/messages/' || d.bounce_message || '/raw') ORDER BY d.id)::text
   FROM delivery d WHERE d.message = m.id) AS deliveries,
  (m.inspect -> 'parts')::text AS parts,
  nullif(m.inspect -> 'defects', '[]')::text AS defects, m.inspect ->> 'recognised' AS recognised,
  CASE WHEN m.inspect ->> 'crypto' <> 'none' THEN jsonb_build_object(
    'crypto', m.inspect -> 'crypto', 'seals', m.inspect -> 'seals',
    'signatures', m.inspect -> 'signatures')::text END AS crypto,
  (SELECT count(*) FROM message c WHERE c.duplicate_of = m.id) AS copies
FROM message m
LEFT JOIN principal p ON p.id = m.author
WHERE m.ticket IN (SELECT $1::bigint UNION ALL SELECT child FROM ticket_link WHERE incident = $1
    UNION ALL SELECT number FROM ticket WHERE merged_into = $1)
  AND m.disposition IS DISTINCT FROM 'duplicate'
ORDER BY m.id LIMIT 1000;

-- Beside each what else is known of its address: the newest dozen events of
-- it that are not of this case (others_cut: there may be more).
-- name: ticket_events :many
WITH e AS MATERIALIZED (
  SELECT * FROM events_of($1) ORDER BY id LIMIT 500
), x AS MATERIALIZED (
  SELECT d.source_ip,
    count(*) FILTER (WHERE is_active(t.status)) AS others_open,
    count(*) FILTER (WHERE NOT is_active(t.status)) AS others_closed,
    sum(n.events) = 12 AS others_cut
  FROM (SELECT DISTINCT source_ip FROM e WHERE source_ip IS NOT NULL) d
  CROSS JOIN LATERAL (
    SELECT o.ticket, count(*) AS events FROM (
      SELECT o.ticket FROM event o
      WHERE o.source_ip = d.source_ip AND o.ticket <> $1
        AND o.ticket <> ALL (ARRAY(SELECT e.ticket FROM e))
      ORDER BY o.ticket DESC LIMIT 12) o GROUP BY o.ticket) n
  JOIN ticket t ON t.number = n.ticket
  GROUP BY d.source_ip
)
SELECT e.id, e.type, e.source_ip,
  e.destination_ip, e.source_port,
  e.destination_port, e.protocol, e."time", e.time_given, e.zone, e.url,
  e.domain, e.cve, e.malware, e.count, e.reporter_ref, e.evidence_part,
  e.feed, e.severity, e.extra::text AS extra, e.verdict, e.reason,
  (SELECT name FROM organisation WHERE id = e.organisation) AS organisation, e.prefix::text AS prefix,
  e.zone_name, e.as_given,
  (SELECT CASE WHEN n.shared THEN 'yes' ELSE 'no' END FROM nat n
   WHERE n.net >>= e.source_ip ORDER BY masklen(n.net) DESC LIMIT 1) AS nat,
  coalesce(x.others_open, 0) AS others_open, coalesce(x.others_closed, 0) AS others_closed,
  coalesce(x.others_cut, false) AS others_cut
FROM e LEFT JOIN x ON x.source_ip = e.source_ip
ORDER BY e.id LIMIT 500;

-- name: ticket_events_total :one
SELECT count(*) AS n FROM events_of($1);

-- name: ticket_history :many
SELECT at, actor, action, object, old, new FROM audit
WHERE ticket = $1 ORDER BY id LIMIT 1000;

-- name: ticket_parties :many
WITH last AS (
  SELECT ', ' || lower(concat_ws(', ', recipients, cc)) || ', ' AS went FROM message
  WHERE ticket = $1 AND direction = 'out' AND purpose = 'reply' ORDER BY id DESC LIMIT 1
)
SELECT email, role, coalesce(strpos((SELECT went FROM last), ', ' || lower(email) || ', ') > 0, false) AS told
FROM ticket_party WHERE ticket = $1
ORDER BY role DESC, email LIMIT 200;

-- name: ticket_lock :one
SELECT number, kind, status, version, owner, type, reporter, their_ref,
  organisation, merged_into, due, priority, tlp, subject,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), subject) AS open_subject
FROM ticket WHERE number = $1 FOR UPDATE;

-- name: ticket_set_owner :exec
UPDATE ticket SET owner = $2, status = CASE WHEN kind = 'report' AND status = 'new' THEN 'open' ELSE status END,
  updated = now(), version = version + 1 WHERE number = $1;

-- 3 what it was.  What hangs open on an incident, and was the same, goes along.
-- name: ticket_set_type :many
UPDATE ticket t SET type = $2, updated = now(), version = t.version + 1
WHERE t.number = $1 OR (t.type IS NOT DISTINCT FROM $3 AND is_active(t.status)
  AND t.merged_into IS NULL AND t.kind <> 'countermeasure'
  AND t.number IN (SELECT child FROM ticket_link WHERE incident = $1))
RETURNING t.number, t.kind;

-- Reports whose type a deed changed, as they are now.
-- name: ticket_typed_by :many
SELECT DISTINCT t.number, t.kind, t.type FROM deed_change c JOIN ticket t ON t.number = c.ticket
WHERE c.deed = $1 AND c.field = 'type' AND t.kind = 'report' ORDER BY t.number;

-- (Whoever moves it takes it out of what stands.)
-- name: ticket_set_status :exec
UPDATE ticket SET status = $2, standing = false, updated = now(), version = version + 1,
  waiting = CASE WHEN $3::boolean THEN NULL ELSE waiting END,
  closed = CASE WHEN $3::boolean THEN now() END, answered = NULL, resolution = $4
WHERE number = $1;

-- The answer is read, and changes nothing.
-- name: ticket_leave_closed :exec
UPDATE ticket SET answered = NULL, updated = now(), version = version + 1
WHERE number = $1 AND answered IS NOT NULL;

-- name: ticket_touch :exec
UPDATE ticket SET updated = now(), version = version + 1,
  waiting = CASE WHEN $2::boolean THEN now() ELSE waiting END,
  waiting_for = CASE WHEN $2::boolean THEN 'member' ELSE waiting_for END,
  status = CASE WHEN kind = 'report' AND status = 'new' THEN 'open' ELSE status END
WHERE number = $1;

-- Who got our receipt.
-- name: ticket_reporter_told :opt
SELECT email FROM ticket_party
WHERE ticket = $1 AND role = 'reporter' AND acked IS NOT NULL ORDER BY acked LIMIT 1;

-- What is folded into a report whose end is told.
-- name: ticket_reject_folded :many
SELECT number FROM ticket WHERE grouped_into = $1 AND status = 'rejected'
ORDER BY number LIMIT 100;

-- name: ticket_add_comment :one
INSERT INTO message (direction, ticket, "from", from_name, subject, sha256,
  size, text, author)
VALUES ('comment', $1, $2, $3, NULL, $4, octet_length($5::text), $5, $6)
RETURNING id, ticket;

-- name: ticket_add_party :exec
INSERT INTO ticket_party (ticket, email, role) VALUES ($1, lower($2), $3)
ON CONFLICT (ticket, email) DO NOTHING;

-- The Message-IDs that a new mail on this ticket refers to.
-- name: ticket_references :many
SELECT message_id FROM message
WHERE ticket = $1 AND message_id IS NOT NULL AND direction <> 'comment'
  AND disposition IS DISTINCT FROM 'duplicate'
ORDER BY id DESC LIMIT 10;

-- The events of a ticket as the tables say today; the stored verdict beside.
-- name: ticket_look_again :many
SELECT e.id, e.source_ip, e.domain, e."time", e.verdict AS old_verdict,
  e.reason AS old_reason, e.organisation AS old_organisation,
  e.prefix::text AS old_prefix, e.scanner AS old_scanner,
  coalesce(h.organisation, x.organisation) AS organisation_id,
  coalesce(o.name, x.holder) AS organisation, coalesce(h.net, x.net)::text AS prefix,
  CASE WHEN h.organisation IS NULL THEN x.basis ELSE 'prefix' END AS basis,
  x.verdict, x.what, s.id AS scanner, s.holder AS scanner_of, s.reason AS scanner_reason
FROM (SELECT *, coalesce("time", (SELECT received FROM message WHERE id = event.message)) AS at
      FROM event WHERE ticket = $1 AND id > $2 ORDER BY id LIMIT 1000) e
LEFT JOIN LATERAL (
  SELECT p.organisation, p.net FROM prefix p
  WHERE p.net >>= e.source_ip AND p.period @> e.at
  ORDER BY masklen(p.net) DESC LIMIT 1) h ON true
LEFT JOIN organisation o ON o.id = h.organisation
LEFT JOIN LATERAL (
  SELECT * FROM ours_otherwise(e.source_ip, lower(e.domain))
  WHERE h.organisation IS NULL LIMIT 1) x ON true
LEFT JOIN LATERAL (
  SELECT s.id, s.reason, (SELECT name FROM organisation WHERE id = s.organisation) AS holder
  FROM scanner s WHERE s.net >>= e.source_ip AND s.period @> e.at
    AND type_within(e.type, s.type) AND (s.ports IS NULL OR s.ports @> e.destination_port)
  ORDER BY masklen(s.net) DESC LIMIT 1) s ON true
ORDER BY e.id LIMIT 1000;

-- name: ticket_event_verdict :exec
UPDATE event SET verdict = $2, reason = $3, organisation = $4, prefix = $5::cidr, scanner = $6
WHERE id = $1;

-- One word for all: what intake_verdict_of_all() says of the same rows.
-- name: ticket_set_verdict :exec
UPDATE ticket t SET verdict = v.verdict, organisation = v.organisation,
  updated = now(), version = version + 1
FROM (SELECT CASE WHEN count(*) = 0 THEN NULL
        WHEN count(DISTINCT (verdict, organisation)) > 1 THEN 'mixed'
        ELSE min(verdict) END AS verdict,
      (array_agg(organisation ORDER BY id) FILTER (WHERE organisation IS NOT NULL))[1] AS organisation
      FROM event WHERE ticket = $1) v
WHERE t.number = $1;

-- Whom to tell of the addresses outside.
-- name: ticket_foreign :many
SELECT host(e.source_ip) AS ip, f.holder, f.email, f.reason
FROM (SELECT DISTINCT source_ip FROM event
      WHERE ticket = $1 AND verdict = 'outside' AND source_ip IS NOT NULL LIMIT 100) e
CROSS JOIN LATERAL (SELECT * FROM foreign_contact_for(e.source_ip, NULL) ORDER BY n LIMIT 1) f
LIMIT 100;

-- name: message_list :many
SELECT id, received, "from", subject, sha256, size,
  '/api/v1/messages/' || id || '/raw' AS raw, disposition, ticket, format,
  envelope_from, parsed
FROM message WHERE direction = 'in'
ORDER BY id DESC LIMIT 50 OFFSET $1::bigint * 50;

-- name: message_list_of :many
SELECT id, received, "from", subject, sha256, size,
  '/api/v1/messages/' || id || '/raw' AS raw, disposition, ticket, format,
  envelope_from, parsed, left(text, 2000) AS text, inspect -> 'defects' ->> 0 AS defect
FROM message WHERE direction = 'in' AND disposition = $2
  AND ($2 <> 'junk' OR ticket IS NULL)
ORDER BY id DESC LIMIT 50 OFFSET $1::bigint * 50;

-- name: message_total :one
SELECT count(*) AS total FROM message
WHERE direction = 'in' AND ($1::text IS NULL OR (disposition = $1 AND ($1 <> 'junk' OR ticket IS NULL)));

-- name: message_head :one
SELECT id, received, "from", subject, sha256, size,
  '/api/v1/messages/' || id || '/raw' AS raw, disposition, ticket, format,
  envelope_from, parsed, text
FROM message WHERE id = $1;

-- name: message_piece :bytes
SELECT bytes FROM message_raw WHERE message = $1 AND seq = $2::int;

-- name: message_part :opt
SELECT m.size, p ->> 'filename' AS filename, p ->> 'type' AS type
FROM message m CROSS JOIN LATERAL jsonb_array_elements(m.inspect -> 'parts') p
WHERE m.id = $1 AND p ->> 'path' = $2 LIMIT 1;

-- name: message_unjunk :opt
WITH j AS (
  SELECT * FROM message WHERE id = $1 AND ticket IS NULL
    AND disposition IN ('junk', 'robot', 'bounce', 'filed', 'command') FOR UPDATE
), t AS (
  INSERT INTO ticket (subject, reporter, reporter_name, due, missing)
  SELECT left(coalesce(nullif(subject, ''), '(no subject)'), 250), "from", from_name,
    now() + interval '4 hours', '{}' FROM j
  RETURNING number
)
UPDATE message m SET disposition = 'report', ticket = t.number
FROM t WHERE m.id = $1
RETURNING m.id, m.ticket;
