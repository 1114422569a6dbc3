-- The second mail to a reporter (sql/0025_outcome.sql, server/core/notice/outcome.h).

-- What is due since `before`.  From $2 reports a day on they are told once a
-- day; of a mail in the open only what was open in the report.
-- name: outcome_due :opt
SELECT o.ticket, o.reporter, t.tlp, t.name_reporter, t.their_ref,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = t.number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), t.subject) AS subject,
  (SELECT m.message_id FROM message m
   WHERE m.ticket = t.number AND m.direction = 'out' AND m.purpose = 'ack'
   ORDER BY m.id LIMIT 1) AS ack_id,
  outcome_passed(t.number) AS passed,
  greatest((SELECT count(*) FROM (SELECT FROM ticket_party p
              WHERE p.email = o.reporter AND p.acked > now() - interval '1 day' LIMIT 10001) x),
           (SELECT count(*) FROM (SELECT FROM report_outcome r
              WHERE r.reporter = o.reporter AND r.at > now() - interval '1 day' LIMIT 10001) x)) > $2::bigint AS many
FROM (SELECT * FROM report_outcome WHERE state = 'due' AND at <= $1::timestamptz
      ORDER BY at, ticket LIMIT 1 FOR UPDATE SKIP LOCKED) o
JOIN ticket t ON t.number = o.ticket;

-- name: outcome_set :exec
UPDATE report_outcome SET state = $2, message = $3 WHERE ticket = $1;

-- Somebody whose day is over; one host at a time does it.
-- name: outcome_summary_for :opt
SELECT reporter FROM report_outcome
WHERE state = 'summary' AND at < $1::timestamptz
  AND pg_try_advisory_xact_lock(hashtext('tocsin.outcome'), hashtext(reporter))
ORDER BY reporter LIMIT 1;

-- name: outcome_summary :many
SELECT o.ticket, outcome_passed(o.ticket) AS passed,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = t.number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), t.subject) AS subject
FROM report_outcome o JOIN ticket t ON t.number = o.ticket
WHERE o.reporter = $1 AND o.state = 'summary' AND o.at < $2::timestamptz
ORDER BY o.ticket LIMIT 500;

-- name: outcome_summary_sent :exec
UPDATE report_outcome SET state = $4, message = $3
WHERE reporter = $1 AND state = 'summary' AND at < $2::timestamptz;

-- How a report stands, for who sent it: nothing of whom it went to, nor of
-- what came of it there.
-- name: outcome_stands :opt
SELECT r.created, coalesce(outcome_passed(r.number), outcome_passed(t.number)) AS passed, t.closed
FROM ticket r JOIN ticket t ON t.number = coalesce(r.merged_into, r.number)
WHERE r.number = $1;
