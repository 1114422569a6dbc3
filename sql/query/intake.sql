-- Intake: what the database knows of a message, and storing it.

-- Several messages at once (db_each): 1 days a duplicate counts,
-- 2 acknowledgements an hour; then for each message 3 digest, 4 ticket of the
-- address token, 5 Message-IDs it refers to, 6 number claimed in Subject,
-- 7 sender, 8 authenticated domain, 9 addresses of events, 10 their times,
-- 11 their domains, 12 whom an acknowledgement would go to, 13 types of
-- events, 14 their destination ports.  A row a message.
-- The ticket number is drawn only when it will probably be needed.
-- name: intake_context :many
SELECT c.n, c.duplicate_of, c.duplicate_ticket, c.token_ticket, c.ref_ticket,
       c.ref_message, c.claim_ticket, c.claim_known,
       CASE WHEN c.duplicate_of IS NULL AND c.token_ticket IS NULL
             AND c.ref_ticket IS NULL AND NOT coalesce(c.claim_known, false)
            THEN nextval('ticket_number') END AS number,
       c.acks, c.verdicts
FROM (SELECT r.n,
  seen.message AS duplicate_of,
  (SELECT m.ticket FROM message m WHERE m.id = seen.message) AS duplicate_ticket,
  (SELECT coalesce(t.merged_into, t.number) FROM ticket t WHERE t.number = r.token_ticket) AS token_ticket,
  ref.ticket AS ref_ticket,
  ref.id AS ref_message,
  claim.number AS claim_ticket,
  claim.number IS NOT NULL AND (
    EXISTS (SELECT FROM ticket_party p
            WHERE p.ticket = claim.number AND p.email = lower(r.sender))
    OR EXISTS (SELECT FROM organisation_domain d
               WHERE d.organisation = claim.organisation AND r.auth_domain IS NOT NULL
                 AND (r.auth_domain = d.domain OR r.auth_domain LIKE '%.' || d.domain))) AS claim_known,
  (SELECT count(*) FROM (
     SELECT FROM ticket_party p
     WHERE p.email = lower(r.ack_to) AND p.acked > now() - interval '1 hour'
     LIMIT $2::bigint) x) AS acks,
  (SELECT json_agg(json_build_array(
            coalesce(h.organisation, x.organisation),
            coalesce((SELECT name FROM organisation WHERE id = h.organisation), x.holder),
            coalesce(h.net, x.net), CASE WHEN h.organisation IS NULL THEN x.basis ELSE 'prefix' END,
            x.verdict, x.what, sc.id, sc.holder, sc.reason) ORDER BY e.n)::text
   FROM (SELECT nullif(x.ip, '')::inet AS ip, nullif(x.at, '')::timestamptz AS at,
                nullif(x.domain, '') AS domain, nullif(x.type, '') AS type,
                nullif(x.port, '')::int AS port, x.n
         FROM unnest(r.ips, r.times, r.domains, r.types, r.ports)
           WITH ORDINALITY AS x (ip, at, domain, type, port, n)) e
   LEFT JOIN LATERAL (
     SELECT p.organisation, p.net FROM prefix p
     WHERE p.net >>= e.ip AND p.period @> coalesce(e.at, now())
     ORDER BY masklen(p.net) DESC LIMIT 1) h ON true
   -- Not even started where a member holds the address.
   LEFT JOIN LATERAL (
     SELECT * FROM ours_otherwise(e.ip, e.domain)
     WHERE h.organisation IS NULL LIMIT 1) x ON true
   LEFT JOIN LATERAL (
     SELECT s.id, s.reason, (SELECT name FROM organisation WHERE id = s.organisation) AS holder
     FROM scanner s
     WHERE s.net >>= e.ip AND s.period @> coalesce(e.at, now())
       AND type_within(e.type, s.type) AND (s.ports IS NULL OR s.ports @> e.port)
     ORDER BY masklen(s.net) DESC LIMIT 1) sc ON true) AS verdicts
  FROM (SELECT n, ($3::text[])[n] AS digest, ($4::text[])[n]::bigint AS token_ticket,
          ($5::text[])[n]::text[] AS refs, ($6::text[])[n]::bigint AS number,
          ($7::text[])[n] AS sender, ($8::text[])[n] AS auth_domain,
          ($9::text[])[n]::text[] AS ips, ($10::text[])[n]::text[] AS times,
          ($11::text[])[n]::text[] AS domains, ($12::text[])[n] AS ack_to,
          ($13::text[])[n]::text[] AS types, ($14::text[])[n]::text[] AS ports
        FROM generate_series(1, cardinality($3::text[])) n LIMIT 16) r
  -- (Sub-selects with a LIMIT are looked up row by row; a join might be
  -- planned, once and on empty tables, to read all of the other side.)
  LEFT JOIN LATERAL (
    SELECT x.message FROM message_seen x
    WHERE x.digest = r.digest AND x.at > now() - make_interval(days => $1::int)
    LIMIT 1) seen ON true
  LEFT JOIN LATERAL (
    SELECT m.id, m.ticket FROM message m
    WHERE m.direction = 'out' AND m.message_id = ANY (r.refs)
    ORDER BY m.ticket IS NULL, m.id DESC LIMIT 1) ref ON true
  LEFT JOIN LATERAL (
    SELECT t.number, t.organisation
    FROM ticket o JOIN ticket t ON t.number = coalesce(o.merged_into, o.number)
    WHERE o.number = r.number LIMIT 1) claim ON true
  LIMIT 100) c;

-- New reports with everything that hangs on them, in one statement and so in
-- one transaction (db_each): 1 days a duplicate counts, then for each report
-- what the names below say.  A report without a row was stored meanwhile.
-- Ordered by digest, so that two of these at once wait for each other and
-- never in a circle.
-- name: intake_report :many
WITH r AS (
  SELECT n, ($2::text[])[n] AS digest, ($3::text[])[n]::bigint AS number,
    ($4::text[])[n] AS ticket_subject, ($5::text[])[n] AS type,
    ($6::text[])[n] AS how, ($7::text[])[n] AS reporter,
    ($8::text[])[n] AS reporter_name, ($9::text[])[n]::bigint AS organisation,
    ($10::text[])[n]::int AS priority, ($11::text[])[n]::bigint AS due_in,
    ($12::text[])[n]::bigint AS claims, ($13::text[])[n] AS their_ref,
    ($14::text[])[n]::text[] AS missing, ($15::text[])[n] AS tlp,
    ($16::text[])[n]::boolean AS name_reporter, ($17::text[])[n] AS recipients,
    ($18::text[])[n] AS cc, ($19::text[])[n] AS subject,
    ($20::text[])[n]::timestamptz AS date, ($21::text[])[n] AS message_id,
    ($22::text[])[n] AS sha256, ($23::text[])[n]::bigint AS size,
    ($24::text[])[n] AS format, ($25::text[])[n]::boolean AS parsed,
    ($26::text[])[n] AS text, ($27::text[])[n]::jsonb AS inspect,
    ($28::text[])[n] AS envelope_from, ($29::text[])[n]::text[] AS envelope_to,
    ($30::text[])[n]::inet AS client, ($31::text[])[n] AS helo,
    ($32::bytea[])[n] AS bytes, ($33::text[])[n] AS party,
    ($34::text[])[n]::jsonb AS events, ($35::text[])[n] AS ack_to,
    ($36::text[])[n] AS ack_from, ($37::text[])[n] AS ack_recipients,
    ($38::text[])[n] AS ack_subject, ($39::text[])[n] AS ack_message_id,
    ($40::text[])[n] AS ack_sha256, ($41::bytea[])[n] AS ack_bytes,
    ($42::text[])[n]::bigint AS principal, ($43::text[])[n] AS actor,
    ($44::text[])[n] AS ack_text, ($45::text[])[n] AS verdict,
    ($46::text[])[n]::int AS completeness,
    ($47::text[])[n]::jsonb AS ack_inspect
  FROM generate_series(1, cardinality($2::text[])) n LIMIT 16
), seen AS (
  INSERT INTO message_seen (digest, message)
  SELECT digest, nextval('message_id_seq')
  FROM (SELECT digest FROM r ORDER BY digest) x
  ON CONFLICT (digest) DO UPDATE SET message = excluded.message, at = now()
    WHERE message_seen.at <= now() - make_interval(days => $1::int)
  RETURNING digest, message AS id
), k AS (
  SELECT r.*, seen.id, CASE WHEN r.ack_to IS NOT NULL
    THEN nextval('message_id_seq') END AS ack
  FROM seen JOIN r USING (digest)
), t AS (
  INSERT INTO ticket (number, subject, type, how_reported, reporter,
    reporter_name, organisation, priority, due, claims, their_ref, missing,
    tlp, name_reporter, verdict, completeness)
  SELECT number, ticket_subject, type, how, reporter, reporter_name,
    organisation, priority, now() + make_interval(secs => due_in), claims,
    their_ref, coalesce(missing, '{}'), tlp, name_reporter, verdict,
    completeness
  FROM k
), m AS (
  INSERT INTO message (id, direction, disposition, ticket, "from", from_name,
    recipients, cc, subject, date, message_id, their_ref, sha256, size,
    digest, format, parsed, text, inspect, envelope_from, envelope_to,
    client, helo, purpose)
  SELECT id, 'in', 'report', number, reporter, reporter_name, recipients, cc,
    subject, date, message_id, their_ref, sha256, size, digest, format,
    parsed, text, inspect, envelope_from, envelope_to, client, helo, NULL
  FROM k
  UNION ALL
  SELECT ack, 'out', NULL, number, ack_from, NULL, ack_recipients, NULL,
    ack_subject, NULL, ack_message_id, NULL, ack_sha256,
    octet_length(ack_bytes), NULL, NULL, true, ack_text, ack_inspect, NULL,
    NULL, NULL, NULL, 'ack'
  FROM k WHERE ack IS NOT NULL
), raw AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, bytes FROM k
  UNION ALL SELECT ack, 0, ack_bytes FROM k WHERE ack IS NOT NULL
), party AS (
  INSERT INTO ticket_party (ticket, email, role, acked)
  SELECT number, lower(party), 'reporter', CASE WHEN ack IS NOT NULL THEN now() END
  FROM k WHERE party IS NOT NULL
), ev AS (
  INSERT INTO event (ticket, message, type, source_ip, destination_ip,
    source_port, destination_port, protocol, "time", time_given, zone, url,
    domain, cve, malware, count, reporter_ref, evidence_part, verdict, reason,
    organisation, prefix, feed, severity, extra, scanner, zone_name)
  SELECT k.number, k.id, e.*
  FROM k, jsonb_populate_recordset(NULL::event_given, k.events) AS e
), au AS (
  INSERT INTO audit (principal, actor, action, ticket, object)
  SELECT principal, actor, 'ticket.create', number, 'message ' || id FROM k
), del AS (
  INSERT INTO delivery (message, address, null_sender)
  SELECT ack, ack_to, true FROM k WHERE ack IS NOT NULL
)
SELECT n, id, number AS ticket FROM k LIMIT 100;

-- Anything that opens no ticket: reply, bounce, robot, command, junk.
-- name: intake_message :opt
WITH seen AS (
  INSERT INTO message_seen (digest, message)
  VALUES ($1, nextval('message_id_seq'))
  ON CONFLICT (digest) DO UPDATE SET message = excluded.message, at = now()
    WHERE message_seen.at <= now() - make_interval(days => $2::int)
  RETURNING message AS id
), m AS (
  INSERT INTO message (id, direction, disposition, ticket, "from", from_name,
    recipients, cc, subject, date, message_id, their_ref, sha256, size,
    digest, format, parsed, text, inspect, envelope_from, envelope_to,
    client, helo)
  SELECT seen.id, 'in', $3, $4, $5, $6, $7, $8, $9, $10::timestamptz, $11,
    $12, $13, $14::bigint, $1, $15, $16::boolean, $17, $18::jsonb, $19,
    $20::text[], $21::inet, $22
  FROM seen
  RETURNING id, ticket
), raw AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, $23::bytea FROM m
), t AS (
  -- A standing ticket is out of the queue until somebody answers.
  UPDATE ticket SET updated = now(), version = version + 1,
    their_ref = coalesce(ticket.their_ref, $12),
    status = CASE WHEN standing AND $3 = 'reply' THEN 'open' ELSE status END,
    closed = CASE WHEN standing AND $3 = 'reply' THEN NULL ELSE closed END,
    due = CASE WHEN standing AND $3 = 'reply' THEN now() + interval '4 hours' ELSE due END,
    standing = standing AND $3 <> 'reply',
    -- Closed or folded into another it is in no queue: its answer must be.
    answered = CASE WHEN $3 = 'reply' AND NOT standing
      AND (status IN ('resolved', 'rejected', 'abandoned', 'removed') OR grouped_into IS NOT NULL)
      THEN now() ELSE answered END,
    -- The reporter was asked, and somebody who is not of a member answers;
    -- or the member was, and one whom we wrote to does.
    waiting = CASE WHEN $3 = 'reply' AND
      (ticket.waiting_for = 'reporter') <> EXISTS (SELECT FROM ticket_party p
        WHERE p.ticket = m.ticket AND p.email = lower($5::text) AND p.role = 'member')
      THEN NULL ELSE ticket.waiting END
  FROM m WHERE ticket.number = m.ticket
), party AS (
  INSERT INTO ticket_party (ticket, email, role)
  SELECT m.ticket, lower($5::text), 'other' FROM m
  WHERE m.ticket IS NOT NULL AND $5::text IS NOT NULL AND $3 = 'reply'
  ON CONFLICT DO NOTHING
), au AS (
  INSERT INTO audit (actor, action, ticket, object)
  SELECT 'intake', 'message.' || $3, ticket, 'message ' || id FROM m
)
SELECT id, ticket FROM m;

-- One more reception of a message that is there already.  stranger: from
-- another network than the first, so nobody knows whether it is theirs.
-- name: intake_duplicate :opt
WITH m AS (
  INSERT INTO message (direction, disposition, ticket, "from", from_name,
    subject, message_id, sha256, size, digest, duplicate_of, format, parsed,
    envelope_from, envelope_to, client, helo)
  SELECT 'in', 'duplicate', o.ticket, o."from", o.from_name, o.subject,
    o.message_id, $2, $3::bigint, $1, o.id, o.format, o.parsed, $4,
    $5::text[], $6::inet, $7
  FROM message_seen s JOIN message o ON o.id = s.message
  WHERE s.digest = $1
  RETURNING id, ticket
), raw AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, $8::bytea FROM m
), au AS (
  INSERT INTO audit (actor, action, ticket, object)
  SELECT 'intake', 'message.duplicate', ticket, 'message ' || id FROM m
)
SELECT id, ticket, coalesce((
  SELECT $6::inet IS DISTINCT FROM o.client AND NOT $6::inet <<= network(set_masklen(o.client, CASE family(o.client) WHEN 4 THEN 24 ELSE 64 END))
  FROM message_seen s JOIN message o ON o.id = s.message WHERE s.digest = $1), true) AS stranger
FROM m;

-- name: intake_chunk :exec
INSERT INTO message_raw (message, seq, bytes) VALUES ($1, $2::int, $3::bytea);

-- A better parser's reading of a message that was stored unparsed or closed.
-- name: intake_reparse_message :exec
UPDATE message SET parsed = $10 <> 'encrypted', "from" = $2, from_name = $3, recipients = $4,
  cc = $5, subject = $6, date = $7::timestamptz, message_id = $8,
  their_ref = $9, format = $10, text = $11, inspect = $12::jsonb
WHERE id = $1 AND NOT parsed;

-- name: intake_reparse_ticket :exec
WITH t AS (
  UPDATE ticket SET subject = $2, type = $3, organisation = $4, reporter = $5,
    reporter_name = $6, missing = coalesce($7::text[], '{}'), updated = now(),
    version = version + 1, verdict = $10, completeness = $11::int
  WHERE number = $1 RETURNING number
), ev AS (
  INSERT INTO event (ticket, message, type, source_ip, destination_ip,
    source_port, destination_port, protocol, "time", time_given, zone, url,
    domain, cve, malware, count, reporter_ref, evidence_part, verdict, reason,
    organisation, prefix, feed, severity, extra, scanner, zone_name)
  SELECT t.number, $8, e.*
  FROM t, jsonb_populate_recordset(NULL::event_given, $9::jsonb) AS e
)
INSERT INTO audit (actor, action, ticket, object)
SELECT 'intake', 'message.reparse', number, 'message ' || $8 FROM t;

-- name: intake_unparsed :many
SELECT id, received, "from", subject, sha256, size, disposition, ticket,
  format, envelope_from, parsed
FROM message WHERE direction = 'in' AND NOT parsed AND id > $1
ORDER BY id LIMIT 100;

-- name: intake_receipt_events :many
SELECT e.source_ip, e.verdict, e.reason,
  (SELECT name FROM organisation WHERE id = e.organisation) AS organisation
FROM event e WHERE e.ticket = $1 ORDER BY e.id LIMIT 100;

-- name: intake_receipt_missing :many
SELECT unnest(missing) AS fact FROM ticket WHERE number = $1 LIMIT 50;
