-- Intake: what the database knows of a message, and storing it.

-- One row.  Arguments: 1 digest, 2 days a duplicate counts, 3 ticket of the
-- address token, 4 Message-IDs it refers to, 5 number claimed in Subject,
-- 6 sender, 7 authenticated domain, 8 addresses of events, 9 their times,
-- 10 their domains, 11 acknowledgements an hour, 12 whom one would go to,
-- 13 types of events, 14 their destination ports.
-- The ticket number is drawn only when it will probably be needed.
-- name: intake_context :one
SELECT c.duplicate_of, c.duplicate_ticket, c.token_ticket, c.ref_ticket,
       c.ref_message, c.ref_delivery, c.claim_ticket, c.claim_known,
       CASE WHEN c.duplicate_of IS NULL AND c.token_ticket IS NULL
             AND c.ref_ticket IS NULL AND NOT coalesce(c.claim_known, false)
            THEN nextval('ticket_number') END AS number,
       c.acks, c.verdicts
FROM (SELECT
  seen.message AS duplicate_of,
  (SELECT m.ticket FROM message m WHERE m.id = seen.message) AS duplicate_ticket,
  (SELECT t.number FROM ticket t WHERE t.number = $3::bigint) AS token_ticket,
  ref.ticket AS ref_ticket,
  ref.id AS ref_message,
  (SELECT d.id FROM delivery d WHERE d.message = ref.id ORDER BY d.id LIMIT 1) AS ref_delivery,
  claim.number AS claim_ticket,
  claim.number IS NOT NULL AND (
    EXISTS (SELECT FROM ticket_party p
            WHERE p.ticket = claim.number AND p.email = lower($6::text))
    OR EXISTS (SELECT FROM organisation_domain d
               WHERE d.organisation = claim.organisation AND $7::text IS NOT NULL
                 AND ($7::text = d.domain OR $7::text LIKE '%.' || d.domain))) AS claim_known,
  (SELECT count(*) FROM (
     SELECT FROM ticket_party p
     WHERE p.email = lower($12::text) AND p.acked > now() - interval '1 hour'
     LIMIT $11::bigint) x) AS acks,
  (SELECT json_agg(json_build_array(
            coalesce(h.organisation, x.organisation), coalesce(ho.name, x.holder),
            coalesce(h.net, x.net), CASE WHEN h.organisation IS NULL THEN x.basis ELSE 'prefix' END,
            x.verdict, x.what, sc.id, sc.holder, sc.reason) ORDER BY e.n)::text
   FROM (SELECT nullif(x.ip, '')::inet AS ip, nullif(x.at, '')::timestamptz AS at,
                nullif(x.domain, '') AS domain, nullif(x.type, '') AS type,
                nullif(x.port, '')::int AS port, x.n
         FROM unnest($8::text[], $9::text[], $10::text[], $13::text[], $14::text[])
           WITH ORDINALITY AS x (ip, at, domain, type, port, n)) e
   LEFT JOIN LATERAL (
     SELECT p.organisation, p.net FROM prefix p
     WHERE p.net >>= e.ip AND p.period @> coalesce(e.at, now())
     ORDER BY masklen(p.net) DESC LIMIT 1) h ON true
   LEFT JOIN organisation ho ON ho.id = h.organisation
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
  FROM (SELECT) one
  LEFT JOIN message_seen seen
    ON seen.digest = $1::text AND seen.at > now() - make_interval(days => $2::int)
  LEFT JOIN LATERAL (
    SELECT m.id, m.ticket FROM message m
    WHERE m.direction = 'out' AND m.message_id = ANY ($4::text[])
    ORDER BY m.ticket IS NULL, m.id DESC LIMIT 1) ref ON true
  LEFT JOIN ticket claim ON claim.number = $5::bigint) c;

-- A new report with everything that hangs on it, in one statement and so in
-- one transaction.  No row: the same message was stored meanwhile.
-- name: intake_report :opt
WITH seen AS (
  INSERT INTO message_seen (digest, message)
  VALUES ($1, nextval('message_id_seq'))
  ON CONFLICT (digest) DO UPDATE SET message = excluded.message, at = now()
    WHERE message_seen.at <= now() - make_interval(days => $2::int)
  RETURNING message AS id
), t AS (
  INSERT INTO ticket (number, subject, type, how_reported, reporter,
    reporter_name, organisation, priority, due, claims, their_ref, missing,
    tlp, name_reporter, verdict, completeness)
  SELECT $3, $4, $5, $6, $7, $8, $9, $10::int, now() + make_interval(secs => $11::bigint),
    $12, $13, coalesce($14::text[], '{}'), $15, $16::boolean, $45,
    $46::int
  FROM seen
  RETURNING number
), m AS (
  INSERT INTO message (id, direction, disposition, ticket, "from", from_name,
    recipients, cc, subject, date, message_id, their_ref, sha256, size,
    digest, format, parsed, text, inspect, envelope_from, envelope_to,
    client, helo)
  SELECT seen.id, 'in', 'report', t.number, $7, $8, $17, $18, $19,
    $20::timestamptz, $21, $13, $22, $23::bigint, $1, $24, $25::boolean,
    $26, $27::jsonb, $28, $29::text[], $30::inet, $31
  FROM seen, t
  RETURNING id, ticket
), raw AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, $32::bytea FROM m
), party AS (
  INSERT INTO ticket_party (ticket, email, role, acked)
  SELECT ticket, lower($33::text), 'reporter', CASE WHEN $35::text IS NOT NULL THEN now() END
  FROM m WHERE $33::text IS NOT NULL
), ev AS (
  INSERT INTO event (ticket, message, type, source_ip, destination_ip,
    source_port, destination_port, protocol, "time", time_given, zone, url,
    domain, cve, malware, count, reporter_ref, evidence_part, verdict, reason,
    organisation, prefix, feed, severity, extra, scanner, zone_name)
  SELECT m.ticket, m.id, e.*
  FROM m, jsonb_populate_recordset(NULL::event_given, $34::jsonb) AS e
), au AS (
  INSERT INTO audit (principal, actor, action, ticket, object)
  SELECT $42::bigint, $43, 'ticket.create', ticket, 'message ' || id FROM m
), ack AS (
  INSERT INTO message (direction, ticket, "from", recipients, subject,
    message_id, sha256, size, text, purpose)
  SELECT 'out', m.ticket, $36, $37, $38, $39, $40, octet_length($41::bytea), $44, 'ack'
  FROM m WHERE $35::text IS NOT NULL
  RETURNING id
), ackraw AS (
  INSERT INTO message_raw (message, seq, bytes)
  SELECT id, 0, $41::bytea FROM ack
), del AS (
  INSERT INTO delivery (message, address, null_sender)
  SELECT id, $35, true FROM ack
)
SELECT id, ticket FROM m;

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
    -- The reporter was asked, and somebody who is not of a member answers.
    waiting = CASE WHEN $3 = 'reply' AND ticket.waiting_for = 'reporter'
      AND NOT EXISTS (SELECT FROM ticket_party p WHERE p.ticket = m.ticket
        AND p.email = lower($5::text) AND p.role = 'member')
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

-- One more reception of a message that is there already.
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
SELECT id, ticket FROM m;

-- name: intake_chunk :exec
INSERT INTO message_raw (message, seq, bytes) VALUES ($1, $2::int, $3::bytea);

-- A better parser's reading of a message that was stored unparsed.
-- name: intake_reparse_message :exec
UPDATE message SET parsed = true, "from" = $2, from_name = $3, recipients = $4,
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
SELECT e.source_ip, e.verdict, e.reason, o.name AS organisation
FROM event e LEFT JOIN organisation o ON o.id = e.organisation
WHERE e.ticket = $1 ORDER BY e.id LIMIT 100;

-- name: intake_receipt_missing :many
SELECT unnest(missing) AS fact FROM ticket WHERE number = $1 LIMIT 50;
