-- Campaigns (sql/0030_campaign.sql, server/core/campaign/campaign.h).

-- name: campaign_make :one
INSERT INTO campaign (title, type, tlp, words, incident, source, query, message, principal, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9::bigint, 0), $10) RETURNING id;

-- The evidence, with its first piece; it goes to the incident when the
-- campaign is sent.
-- name: campaign_evidence :one
WITH m AS (
  INSERT INTO message (direction, disposition, "from", from_name, subject, date, sha256, size, format, text)
  VALUES ('in', 'filed', $1, $2, $3, now(), $4, $5, 'plain', left($6, 200000)) RETURNING id
), r AS (
  INSERT INTO message_raw (message, seq, bytes) SELECT id, 0, $7::bytea FROM m
)
SELECT id FROM m;

-- What was read of it; $2 as intake has its events.
-- name: campaign_rows_read :exec
INSERT INTO campaign_row (campaign, n, type, source_ip, destination_ip, source_port,
  destination_port, protocol, "time", time_given, zone, url, domain, cve, malware, count,
  reporter_ref, evidence_part, verdict, reason, organisation, prefix, feed, severity, extra,
  scanner, zone_name)
SELECT $1, e.ordinality, e.type, e.source_ip, e.destination_ip, e.source_port,
  e.destination_port, e.protocol, e."time", e.time_given, e.zone, e.url, e.domain, e.cve,
  e.malware, e.count, e.reporter_ref, e.evidence_part, e.verdict, e.reason, e.organisation,
  e.prefix, e.feed, e.severity, e.extra, e.scanner, e.zone_name
FROM jsonb_populate_recordset(NULL::event_given, $2::jsonb) WITH ORDINALITY e;

-- The events of the tickets that a search finds, each once; of restricted ones
-- none, for everybody sees a campaign.  Arguments: 2 on as ticket_matching()
-- has them.
-- name: campaign_rows_search :exec
INSERT INTO campaign_row (campaign, n, type, source_ip, destination_ip, source_port,
  destination_port, protocol, "time", time_given, zone, url, domain, cve, malware, count,
  evidence_part, verdict, reason, organisation, prefix, feed, severity, extra, scanner, zone_name,
  origin)
SELECT $1, row_number() OVER (ORDER BY e.id), e.type, e.source_ip, e.destination_ip,
  e.source_port, e.destination_port, e.protocol, e."time", e.time_given, e.zone, e.url, e.domain,
  e.cve, e.malware, e.count, NULL, e.verdict, e.reason, e.organisation, e.prefix, e.feed,
  e.severity, e.extra, e.scanner, e.zone_name, e.ticket
FROM (
  SELECT DISTINCT ON (e.id) e.*
  FROM ticket_matching($2::text, $3::text, $4::text, $5::text, $6::text, $7::inet, $8::bigint,
      $9::boolean, $10::text, $11::timestamptz, $12::timestamptz) t
  CROSS JOIN LATERAL events_of(t.number) e
  WHERE NOT t.restricted
    AND NOT EXISTS (SELECT FROM ticket x WHERE x.number = e.ticket AND x.restricted)
  ORDER BY e.id LIMIT 20001) e;

-- The label of what was found: the strictest.
-- name: campaign_search_tlp :exec
UPDATE campaign c SET tlp = x.tlp
FROM (SELECT t.tlp
  FROM ticket_matching($2::text, $3::text, $4::text, $5::text, $6::text, $7::inet, $8::bigint,
      $9::boolean, $10::text, $11::timestamptz, $12::timestamptz) m
  CROSS JOIN LATERAL (SELECT m.tlp UNION ALL
    SELECT c.tlp FROM ticket_link l JOIN ticket c ON c.number = l.child
    WHERE l.incident = m.number AND c.kind = 'report') t
  ORDER BY tlp_rank(t.tlp) DESC LIMIT 1) x
WHERE c.id = $1 AND tlp_rank(x.tlp) > tlp_rank(c.tlp);

-- Findings, with what the last sighting said that is in no restricted mail, for
-- everybody sees a campaign.  Arguments: 2 to 6 as
-- finding_list has them.
-- name: campaign_rows_findings :exec
INSERT INTO campaign_row (campaign, n, finding, type, source_ip, destination_ip, source_port,
  destination_port, protocol, "time", zone, url, domain, cve, malware, verdict, reason,
  organisation, prefix, feed, severity, extra)
SELECT $1, row_number() OVER (ORDER BY f.id), f.id, f.type, f.address, s.destination_ip, f.port,
  s.destination_port, s.protocol, f.last_seen, 'given', s.url, coalesce(f.domain, s.domain),
  s.cve, s.malware, 'confirmed', 'seen by ' || array_to_string(f.feeds, ', '), f.organisation,
  s.net, f.feeds[1], f.severity, s.extra
FROM (
  SELECT f.* FROM finding f
  WHERE ($2::text = 'any' OR f.state = $2 OR ($2 IS NULL AND f.state <> 'gone'))
    AND ($3::text IS NULL OR ($3 = '-' AND f.organisation IS NULL) OR f.organisation IN (
      SELECT x.id FROM organisation x WHERE x.name ILIKE '%' || $3 || '%' OR x.handle = lower($3)))
    AND ($4::text IS NULL OR f.type = $4 OR starts_with(f.type, $4 || '/'))
    AND ($5::text IS NULL OR EXISTS (SELECT FROM unnest(f.feeds) AS n (name)
      WHERE starts_with(n.name, rtrim($5, '*'))))
    AND ($6::inet IS NULL OR f.address <<= $6)
  ORDER BY f.id LIMIT 20001) f
LEFT JOIN LATERAL (
  SELECT r.*, x.prefix AS net
  FROM (SELECT * FROM sighting i WHERE finding = f.id
          AND NOT EXISTS (SELECT FROM message m JOIN ticket t ON t.number = m.ticket
                          WHERE m.id = i.message AND t.restricted)
        ORDER BY id DESC LIMIT 1) x
  CROSS JOIN LATERAL jsonb_populate_record(NULL::event_given, x.row) r) s ON true;

-- For this transaction: of a table that was just filled the planner believes
-- that it is small, and compares each of 20,000 rows with each.
-- name: campaign_large :one
SELECT set_config('enable_nestloop', 'off', true) AS set;

-- The parties: members, those with the most rows first; then whoever is
-- responsible for an address or a name outside.
-- name: campaign_sort :exec
WITH r AS MATERIALIZED (
  SELECT n, source_ip, domain, organisation, verdict FROM campaign_row
  WHERE campaign = $1 AND verdict <> 'refused'
), f AS MATERIALIZED (
  SELECT d.source_ip, d.domain, lower(x.email) AS email, x.holder, x.reason
  FROM (SELECT DISTINCT source_ip, CASE WHEN source_ip IS NULL THEN domain END AS domain FROM r
        WHERE organisation IS NULL AND verdict = 'outside' LIMIT 20001) d
  CROSS JOIN LATERAL (SELECT * FROM foreign_contact_for(d.source_ip, d.domain) ORDER BY n LIMIT 1) x
), k AS MATERIALIZED (
  SELECT r.n, o.handle AS key, r.organisation, o.name, NULL AS reason
  FROM r JOIN organisation o ON o.id = r.organisation
  UNION ALL
  SELECT r.n, f.email, NULL, coalesce(nullif(f.holder, ''), f.email), f.reason
  FROM r JOIN f ON f.source_ip = r.source_ip WHERE r.organisation IS NULL AND r.verdict = 'outside'
  UNION ALL
  SELECT r.n, f.email, NULL, coalesce(nullif(f.holder, ''), f.email), f.reason
  FROM r JOIN f ON f.domain = r.domain
  WHERE r.source_ip IS NULL AND r.organisation IS NULL AND r.verdict = 'outside'
), p AS MATERIALIZED (
  SELECT key, organisation, min(name) AS name, min(reason) AS reason, count(*) AS rows,
    row_number() OVER (ORDER BY organisation IS NULL, count(*) DESC, key) AS n
  FROM k GROUP BY key, organisation ORDER BY n LIMIT 2001
), made AS (
  INSERT INTO campaign_party (campaign, n, key, organisation, name, reason, rows)
  SELECT $1, n, key, organisation, name, reason, rows FROM p
)
UPDATE campaign_row x SET party = p.n
FROM k JOIN p ON p.key = k.key
WHERE x.campaign = $1 AND x.n = k.n;

-- Campaigns that ask, or ($2) digests; of a digest each row has a party.  (Rows
-- are numbered from 1, and one that is refused has no party: so 50 campaigns of
-- 20,000 rows are not read to count them.)
-- name: campaign_list :many
SELECT c.id, c.title, c.type, c.tlp, c.source, c.state, c.incident, c.actor, c.created,
  c.sent_at, c.version,
  CASE WHEN $2 THEN (SELECT coalesce(sum(p.rows), 0)::bigint FROM campaign_party p WHERE p.campaign = c.id)
    ELSE (SELECT coalesce(max(r.n), 0) FROM campaign_row r WHERE r.campaign = c.id)
      - (SELECT count(*) FROM campaign_row r WHERE r.campaign = c.id AND r.party IS NULL AND r.verdict = 'refused')
    END AS rows,
  (SELECT count(*) FROM campaign_party p WHERE p.campaign = c.id) AS parties,
  (SELECT count(p.ticket) FROM campaign_party p WHERE p.campaign = c.id) AS told
FROM campaign c WHERE (c.source = 'digest') = $2::boolean
ORDER BY c.id DESC LIMIT 50 OFFSET $1::bigint * 50;

-- name: campaign_total :one
SELECT count(*) AS total FROM campaign WHERE (source = 'digest') = $1::boolean;

-- name: campaign_by_id :opt
SELECT c.id, c.title, c.type, c.tlp, c.words, c.source, c.query, c.state, c.incident,
  c.advisory, c.message, c.actor, c.created, c.sent_at, c.version, c.why,
  c.composed, c.stopped, s.name AS stopped_by,
  (SELECT a.title FROM advisory a WHERE a.number = c.advisory) AS advisory_title,
  r.rows, r.refused, r.nobody,
  (SELECT count(*) FROM campaign_party p WHERE p.campaign = c.id) AS parties,
  (SELECT count(p.ticket) FROM campaign_party p WHERE p.campaign = c.id) AS told
FROM campaign c LEFT JOIN principal s ON s.id = c.stopped_by CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE x.verdict <> 'refused') AS rows,
    count(*) FILTER (WHERE x.verdict = 'refused') AS refused,
    count(*) FILTER (WHERE x.verdict <> 'refused' AND x.party IS NULL) AS nobody
  FROM campaign_row x WHERE x.campaign = c.id) r
WHERE c.id = $1;

-- name: campaign_translations :many
SELECT lang, words FROM campaign_words WHERE campaign = $1 ORDER BY lang LIMIT 500;

-- The other languages of the text that its words were begun from.
-- name: campaign_translate :exec
INSERT INTO campaign_words (campaign, lang, words)
SELECT $1, x.lang, x.text FROM text_template t
JOIN text_template x ON x.direction = t.direction AND x.name = t.name AND x.id <> t.id
WHERE t.id = $2 AND t.direction = 'notice';

-- Rows that go to nobody: not understood, or nobody is known.
-- name: campaign_left_out :many
SELECT n, coalesce(evidence_part, n::text) AS line, coalesce(extra ->> 'line', abbrev(source_ip), domain, url) AS text,
  reason, verdict = 'refused' AS refused
FROM campaign_row WHERE campaign = $1 AND party IS NULL
ORDER BY verdict = 'refused' DESC, n LIMIT 200;

-- Parties from n $2 to $3 with what is known of them now: rows they were told
-- of before (an open investigation asks them about the same address and type)
-- and the last of those investigations.
-- (Party by party, and LIMIT and OFFSET 0: each row's address, event and thread
-- is looked up, whatever the server knows of tables that have just been filled;
-- joined, it once read all events for each party, and all open tickets for
-- each event.)
-- name: campaign_parties :many
SELECT p.n, p.key, p.organisation, (SELECT attach FROM organisation WHERE id = p.organisation) AS attach,
  lang_of(p.organisation, p.key) AS lang,
  p.name, p.reason AS to_reason, p.rows, p.chosen::text AS ticked, x.told, x.investigation
FROM campaign_party p JOIN campaign c ON c.id = p.campaign
CROSS JOIN LATERAL (
  SELECT count(DISTINCT r.n) AS told, max(t.number) AS investigation
  FROM campaign_row r
  CROSS JOIN LATERAL (
    SELECT e.id, e.type FROM event e WHERE e.source_ip = r.source_ip
    ORDER BY e.ticket DESC LIMIT 500) e
  CROSS JOIN LATERAL (SELECT ticket FROM ticket_about WHERE event = e.id OFFSET 0) b
  CROSS JOIN LATERAL (SELECT * FROM ticket WHERE number = b.ticket OFFSET 0) t
  WHERE r.campaign = p.campaign AND r.party = p.n
    AND t.kind = 'investigation' AND t.status = 'open'
    AND t.organisation IS NOT DISTINCT FROM p.organisation
    AND coalesce(e.type, t.type) = coalesce(r.type, c.type)) x
WHERE p.campaign = $1 AND p.n BETWEEN $2::int AND $3::int
ORDER BY p.n LIMIT 2001;

-- Whom each of them wants to be told, each once.  (An address matters only
-- where a rule of the member names a prefix.)
-- name: campaign_contacts :many
SELECT DISTINCT ON (l.n, lower(w.email)) l.n, w.role, w.name, w.email, w.phone, w.reason
FROM (
  SELECT DISTINCT p.n, p.organisation, coalesce(r.type, c.type) AS type,
    CASE WHEN EXISTS (SELECT FROM contact_rule x WHERE x.organisation = p.organisation AND x.net IS NOT NULL)
      THEN r.source_ip END AS ip
  FROM campaign_party p JOIN campaign c ON c.id = p.campaign
  JOIN campaign_row r ON r.campaign = p.campaign AND r.party = p.n
  WHERE p.campaign = $1 AND p.n BETWEEN $2::int AND $3::int AND p.organisation IS NOT NULL) l
CROSS JOIN LATERAL contact_for(l.organisation, l.ip, l.type, now()) w
ORDER BY l.n, lower(w.email) LIMIT 20000;

-- Their rows, party by party.
-- name: campaign_events :many
SELECT r.n AS id, coalesce(r.type, c.type) AS type, r.source_ip, r.destination_ip,
  r.source_port, r.destination_port, r.protocol, r."time", r.time_given, r.zone, r.url, r.domain,
  r.cve, r.malware, r.count, r.reporter_ref, r.verdict, r.reason, r.prefix::text AS prefix,
  r.zone_name,
  (SELECT CASE WHEN n.shared THEN 'yes' ELSE 'no' END FROM nat n
   WHERE n.net >>= r.source_ip ORDER BY masklen(n.net) DESC LIMIT 1) AS nat
FROM campaign_row r JOIN campaign c ON c.id = r.campaign
WHERE r.campaign = $1 AND r.party BETWEEN $2::int AND $3::int
ORDER BY r.party, r.n LIMIT 20000;

-- Until when each is asked to answer, and when the clock looks first: the
-- ladder of notice_rule for each.
-- name: campaign_ladder :many
SELECT p.n, q.answer_days, q.answer_minutes, l.days, l.minutes
FROM campaign_party p JOIN campaign c ON c.id = p.campaign
CROSS JOIN LATERAL (SELECT notice_rule_for(p.organisation, c.type) AS id OFFSET 0) x
JOIN notice_rule q ON q.id = x.id
LEFT JOIN LATERAL (SELECT l.days, l.minutes FROM notice_level l
  WHERE l.rule = q.id AND l.level > 0 ORDER BY l.level LIMIT 1) l ON true
WHERE p.campaign = $1 AND p.n BETWEEN $2::int AND $3::int ORDER BY p.n LIMIT 2001;

-- name: campaign_lock :opt
SELECT id, state, version, title, type, tlp, incident, message FROM campaign WHERE id = $1 FOR UPDATE;

-- The ticks of some parties: those of $4 are chosen, the others of them not.
-- name: campaign_choose :exec
UPDATE campaign_party SET chosen = n = ANY ($4::int[])
WHERE campaign = $1 AND n BETWEEN $2::int AND $3::int AND chosen IS DISTINCT FROM (n = ANY ($4::int[]));

-- name: campaign_touch :exec
UPDATE campaign SET version = version + 1 WHERE id = $1;

-- Who ($4) ends a draft, or stops one that is sending, is named there.
-- name: campaign_set_state :exec
UPDATE campaign SET state = $2, version = version + 1,
  incident = coalesce($3, incident), sent_at = CASE WHEN $2 = 'sent' THEN now() END,
  stopped = CASE WHEN $2 = 'abandoned' OR state = 'sending' AND $2 = 'draft' THEN now() END,
  stopped_by = CASE WHEN $2 = 'abandoned' OR state = 'sending' AND $2 = 'draft' THEN $4::bigint END
WHERE id = $1;

-- ---- one that takes long (server/core/campaign/campaign_work.c)

-- name: campaign_begin :exec
UPDATE campaign SET state = 'sending', sender = $2, composed = 0, why = NULL,
  stopped = NULL, stopped_by = NULL, version = version + 1
WHERE id = $1;

-- The next one that nobody has in hand; whose connection ends has none.  (One
-- lock, however the rest is joined.)
-- name: campaign_take :opt
SELECT c.id, c.version, c.sender, p.name, p.email, p.role, p.disabled_at IS NOT NULL AS gone
FROM (
  SELECT * FROM (SELECT * FROM campaign WHERE state = 'sending' ORDER BY id LIMIT 100) s
  WHERE pg_try_advisory_lock(hashtext('tocsin.campaign'), s.id::int) LIMIT 1) c
JOIN principal p ON p.id = c.sender;

-- name: campaign_leave :exec
SELECT pg_advisory_unlock(hashtext('tocsin.campaign'), $1::int);

-- name: campaign_composed :exec
UPDATE campaign SET composed = $2::int WHERE id = $1;

-- name: campaign_give_up :exec
UPDATE campaign SET state = 'draft', why = $3, version = version + 1
WHERE id = $1 AND version = $2::int AND state = 'sending';

-- name: campaign_numbers :many
SELECT nextval('ticket_number') AS number FROM generate_series(1, $1::int) LIMIT 2001;

-- ---- sending: each statement for all at once

-- name: campaign_evidence_goes :exec
UPDATE message SET ticket = $2 WHERE id = $1;

-- All rows that were understood, also those that nobody is told of.  (These
-- statements join nothing: how many rows a campaign has, no statistics know.)
-- 2 the incident, 3 the evidence, 4 the type of rows without one.
-- name: campaign_event_make :exec
WITH r AS (
  UPDATE campaign_row SET event = nextval('event_id_seq')
  WHERE campaign = $1 AND verdict <> 'refused' RETURNING *
)
INSERT INTO event (id, ticket, message, type, source_ip, destination_ip, source_port,
  destination_port, protocol, "time", time_given, zone, url, domain, cve, malware, count,
  reporter_ref, evidence_part, verdict, reason, organisation, prefix, feed, severity, extra,
  scanner, zone_name)
OVERRIDING SYSTEM VALUE
SELECT event, $2, $3, coalesce(type, $4), source_ip, destination_ip, source_port,
  destination_port, protocol, "time", time_given, zone, url, domain, cve, malware, count,
  reporter_ref, NULL, verdict, reason, organisation, prefix, feed, severity, extra, scanner,
  zone_name
FROM r;

-- The investigations: 1 their numbers, 2 subjects, 3 when they are due,
-- 4 organisations ('' outside); 5 type, 6 label, 7 the incident, 8 owner,
-- 9 name of who does it.  They hang on it before the links say so, which then
-- have nothing to change.
-- name: campaign_threads :exec
WITH x AS (
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[])
    AS x (number, subject, due, organisation)
), t AS (
  INSERT INTO ticket (number, kind, status, subject, type, owner, priority, due, tlp, organisation,
    how_reported, waiting, waiting_for, held, version)
  SELECT number, 'investigation', 'open', left(subject, 250), $5, nullif($8::bigint, 0), 2, due, $6,
    nullif(organisation, '')::bigint, 'other', now(), 'member', true, 2
  FROM x ORDER BY number
)
INSERT INTO audit (principal, actor, action, ticket, object, new)
SELECT nullif($8::bigint, 0), $9, 'ticket.create', number, 'ticket ' || $7::bigint, 'investigation'
FROM x ORDER BY number;

-- name: campaign_links :exec
INSERT INTO ticket_link (incident, child) SELECT $1, x.number FROM unnest($2::bigint[]) AS x (number);

-- 2 the number of each party's thread, by its n; 0: is not told.
-- name: campaign_about :exec
INSERT INTO ticket_about (ticket, event)
SELECT ($2::bigint[])[party], event FROM campaign_row
WHERE campaign = $1 AND event IS NOT NULL AND ($2::bigint[])[party] > 0;

-- name: campaign_addresses :exec
INSERT INTO ticket_party (ticket, email, role)
SELECT DISTINCT x.number, lower(x.email), 'member' FROM unnest($1::bigint[], $2::text[]) AS x (number, email);

-- ---- the mails of any campaign (server/core/campaign/campaign_mail.h)

-- 1 tickets, 2 messages, 3 to; 4 what was done, 5 who, 6 name.
-- name: campaign_trail :exec
INSERT INTO audit (principal, actor, action, ticket, object, new)
SELECT nullif($5::bigint, 0), $6, $4, number, 'message ' || message, addresses
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS x (number, message, addresses) ORDER BY number;

-- By n of the party, from $2 on, 0 for those that are not told: 3 tickets,
-- 4 messages.
-- name: campaign_party_told :exec
UPDATE campaign_party SET ticket = ($3::bigint[])[n - $2 + 1], message = ($4::bigint[])[n - $2 + 1]
WHERE campaign = $1 AND n >= $2::int AND ($3::bigint[])[n - $2 + 1] > 0;

-- What asks them.  1 threads, 2 organisations, 3 names, 4 messages, 5 answer
-- by, 6 next at ('' never).
-- name: campaign_told :exec
INSERT INTO notice (ticket, organisation, party, message, answer_by, next_at)
SELECT number, nullif(organisation, '')::bigint, name, message, answer_by, nullif(next_at, '')::timestamptz
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
  AS x (number, organisation, name, message, answer_by, next_at) ORDER BY number;

-- ---- what came of it

-- Each party with its last notice; of a merged investigation that of the
-- other.  mail: what the ledger says of the notice.  2 from where, 3 how many.
-- name: campaign_board :many
SELECT p.n, p.name, p.organisation, p.rows, t.number AS ticket, t.status, t.version, u.name AS owner,
  n.message, n.sent, n.answer_by, n.received, n.result, n.result_at, n.result_by, n.stage,
  n.level, n.to_read, n.next_at, d.mail, f.fixed, f.findings, n.id IS NOT NULL AS asked,
  p.ticket IS NOT NULL AND n.result IS NULL AND n.to_read IS NULL AND is_active(t.status)
    AND coalesce(n.answer_by < now(), false) AS late,
  p.ticket IS NOT NULL AND NOT is_active(t.status) AS closed
FROM (SELECT * FROM campaign_party WHERE campaign = $1
      ORDER BY n LIMIT $3::bigint OFFSET $2::bigint) p
LEFT JOIN ticket o ON o.number = p.ticket
LEFT JOIN ticket m ON m.number = o.merged_into
CROSS JOIN LATERAL (SELECT
  CASE WHEN o.merged_into IS NULL THEN o.number ELSE m.number END AS number,
  CASE WHEN o.merged_into IS NULL THEN o.status ELSE m.status END AS status,
  CASE WHEN o.merged_into IS NULL THEN o.version ELSE m.version END AS version,
  CASE WHEN o.merged_into IS NULL THEN o.owner ELSE m.owner END AS owner) t
LEFT JOIN principal u ON u.id = t.owner
LEFT JOIN LATERAL (SELECT * FROM notice x WHERE x.ticket = t.number ORDER BY x.id DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (
  SELECT CASE WHEN bool_or(x.state = 'sent') THEN 'delivered'
    WHEN bool_or(x.open OR x.state = 'held') THEN 'queued' ELSE 'bounced' END AS mail
  FROM delivery x WHERE x.message = p.message HAVING count(*) > 0) d ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS findings, count(*) FILTER (WHERE g.state = 'gone') AS fixed
  FROM campaign_row r JOIN finding g ON g.id = r.finding
  WHERE r.campaign = p.campaign AND r.party = p.n HAVING count(*) > 0) f ON true
ORDER BY p.n LIMIT 2001;

-- How far the mails have come, as the ledger has it, with a rate of the last
-- seconds; of one that is sending, how many are composed.
-- name: campaign_progress :opt
SELECT c.state, x.total, x.done, x.rate FROM campaign c CROSS JOIN LATERAL (
  SELECT count(*) AS total, c.composed::bigint AS done, 0::bigint AS rate FROM campaign_party p
  WHERE p.campaign = c.id AND p.chosen AND c.state = 'sending' HAVING c.state = 'sending'
  UNION ALL
  SELECT count(*), count(*) FILTER (WHERE NOT (d.open OR d.state = 'held')),
    count(*) FILTER (WHERE d.sent > now() - interval '10 seconds') / 10
  FROM campaign_party p JOIN delivery d ON d.message = p.message
  WHERE p.campaign = c.id AND c.state <> 'sending' HAVING c.state <> 'sending') x
WHERE c.id = $1;

-- ---- its advisory

-- name: campaign_restricted :one
SELECT EXISTS (SELECT FROM campaign c JOIN ticket t ON t.number = c.incident
  WHERE c.id = $1 AND t.restricted) AS restricted;

-- name: campaign_closed_lists :many
SELECT name FROM list WHERE policy = 'closed' ORDER BY name LIMIT 8;

-- name: campaign_cves :many
SELECT DISTINCT upper(cve) AS name FROM campaign_row
WHERE campaign = $1 AND cve ~* '^CVE-[0-9]{4}-[0-9]{4,19}$' ORDER BY 1 LIMIT 50;

-- name: campaign_set_advisory :exec
UPDATE campaign SET advisory = nullif($2::bigint, 0), version = version + 1 WHERE id = $1;

-- As an edit: what was approved is not what would go out.
-- name: campaign_touch_advisory :exec
UPDATE advisory SET edited_by = $2, updated = now(), version = version + 1, state = 'draft',
  approved_by = NULL, approved = NULL
WHERE number = $1 AND state <> 'issued';

-- The campaigns of an incident, or (0) of one of its investigations.
-- name: campaign_of_ticket :many
SELECT c.id, c.title, c.state FROM campaign c
WHERE c.incident = $1 OR c.id IN (SELECT campaign FROM campaign_party WHERE ticket = $1)
ORDER BY c.id LIMIT 20;
