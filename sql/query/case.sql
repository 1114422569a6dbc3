-- Incidents and what hangs on them.

-- name: case_make :one
INSERT INTO ticket (number, kind, status, subject, type, owner, priority, due, tlp,
  organisation, how_reported, their_ref, expires)
VALUES (coalesce($1::bigint, nextval('ticket_number')), $2, status_at_first($2), left($3, 250), $4, $5, $6::int,
  $7::timestamptz, $8, $9, 'other', $10, $11::timestamptz)
RETURNING number;

-- A number for a ticket that will be made: mail that is shown before may say it.
-- name: case_reserve :one
SELECT nextval('ticket_number') AS number;

-- Only one that was given out, and not used.
-- name: case_reserved :one
SELECT $1::bigint <= s.last_value AND $1::bigint > 1000
  AND NOT EXISTS (SELECT FROM ticket WHERE number = $1::bigint) AS free
FROM ticket_number s;

-- name: case_link :exec
INSERT INTO ticket_link (incident, child) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: case_unlink :exec
DELETE FROM ticket_link WHERE incident = $1 AND child = $2;

-- What hangs on an incident.
-- name: case_children :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from", t.due,
  t.waiting, t.version, p.name AS owner, coalesce(o.name, n.party) AS organisation,
  n.party, n.sent, n.answer_by, n.received, n.result, n.result_at, n.level,
  n.answer_by < now() AND n.result IS NULL AND is_active(t.status) AS overdue, t.restricted
FROM ticket_link l JOIN ticket t ON t.number = l.child
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
LEFT JOIN LATERAL (SELECT * FROM notice WHERE notice.ticket = t.number
                   ORDER BY id DESC LIMIT 1) n ON true
WHERE l.incident = $1
ORDER BY array_position(ARRAY['investigation', 'report', 'countermeasure'], t.kind), t.number
LIMIT 1000;

-- name: case_incidents :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from", t.due,
  t.waiting, t.version, p.name AS owner, o.name AS organisation, t.restricted
FROM ticket_link l JOIN ticket t ON t.number = l.incident
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN organisation o ON o.id = t.organisation
WHERE l.child = $1 ORDER BY t.number LIMIT 100;

-- Those below, or above, with what a cascade asks; held until the end.
-- name: case_below :many
SELECT t.number, t.kind, t.status, t.owner, EXISTS (
  SELECT FROM ticket_link x JOIN ticket i ON i.number = x.incident
  WHERE x.child = t.number AND x.incident <> $1 AND is_active(i.status)) AS other
FROM ticket t WHERE t.number IN (SELECT child FROM ticket_link WHERE incident = $1)
ORDER BY t.number LIMIT 5000 FOR UPDATE OF t;

-- name: case_above :many
SELECT t.number, t.kind, t.status, t.owner, false AS other
FROM ticket t WHERE t.number IN (SELECT incident FROM ticket_link WHERE child = $1)
ORDER BY t.number LIMIT 100 FOR UPDATE OF t;

-- name: case_set_owner :exec
UPDATE ticket SET owner = $2, updated = now(), version = version + 1 WHERE number = $1;

-- Numbers that stand for this one.
-- name: case_merged :many
SELECT number, subject, kind FROM ticket WHERE merged_into = $1 ORDER BY number LIMIT 200;

-- What a merge would move.
-- name: case_merge_count :one
SELECT (SELECT count(*) FROM message WHERE ticket = $1) AS messages,
  (SELECT count(*) FROM event WHERE ticket = $1) AS events,
  (SELECT count(*) FROM ticket_link WHERE child = $1 OR incident = $1) AS links,
  (SELECT count(*) FROM ticket_party p WHERE ticket = $1 AND NOT EXISTS (
     SELECT FROM ticket_party q WHERE q.ticket = $2 AND q.email = p.email)) AS parties,
  (SELECT count(*) FROM ticket WHERE grouped_into = $1) AS folded;

-- All that the one has becomes the other's.  Each step of the log undoes it.
-- name: case_merge_messages :exec
UPDATE message SET ticket = $2 WHERE ticket = $1;

-- name: case_merge_events :exec
UPDATE event SET ticket = $2 WHERE ticket = $1;

-- name: case_merge_notices :exec
UPDATE notice SET ticket = $2 WHERE ticket = $1;

-- name: case_merge_about :exec
WITH gone AS (DELETE FROM ticket_about WHERE ticket = $1 RETURNING event)
INSERT INTO ticket_about (ticket, event) SELECT $2, event FROM gone ON CONFLICT DO NOTHING;

-- name: case_merge_parties :exec
WITH p AS (
  INSERT INTO ticket_party (ticket, email, role, acked)
  SELECT $2, email, role, acked FROM ticket_party WHERE ticket = $1
  ON CONFLICT DO NOTHING RETURNING email
)
INSERT INTO deed_change (deed, ticket, field, new) SELECT deed_now(), $2, 'party', email FROM p;

-- name: case_merge_unlink :many
DELETE FROM ticket_link WHERE child = $1 OR incident = $1 RETURNING incident, child;

-- name: case_merge_folded :exec
UPDATE ticket SET grouped_into = $2 WHERE grouped_into = $1;

-- name: case_merge_reports :exec
UPDATE ticket l SET reports = 1 + (SELECT count(*) FROM ticket m WHERE m.grouped_into = l.number)
WHERE l.number IN ($1, $2);

-- Earlier numbers go with it, so that one step always finds the ticket.
-- name: case_merge_close :exec
UPDATE ticket SET merged_into = $2, status = CASE WHEN number = $1 THEN $3 ELSE status END,
  closed = coalesce(closed, now()), waiting = NULL, answered = NULL, updated = now(),
  version = version + 1
WHERE number = $1 OR merged_into = $1;

-- name: case_merge_into :exec
UPDATE ticket t SET due = CASE WHEN is_active(t.status) THEN least(t.due, f.due) ELSE t.due END,
  their_ref = coalesce(t.their_ref, f.their_ref), priority = least(t.priority, f.priority),
  name_reporter = t.name_reporter AND f.name_reporter,
  -- (Undone, the label stays: it may be lowered by hand, not by chance.)
  tlp = CASE WHEN tlp_rank(f.tlp) > tlp_rank(t.tlp) THEN f.tlp ELSE t.tlp END,
  waiting = CASE WHEN is_active(t.status) THEN coalesce(t.waiting, f.waiting) END,
  waiting_for = coalesce(t.waiting_for, f.waiting_for),
  updated = now(), version = t.version + 1
FROM ticket f WHERE t.number = $2 AND f.number = $1;

-- Split: what goes to the new ticket.
-- name: case_split_messages :exec
UPDATE message SET ticket = $2 WHERE ticket = $1 AND id = ANY ($3::bigint[]);

-- name: case_split_events :exec
UPDATE event SET ticket = $2 WHERE ticket = $1 AND id = ANY ($3::bigint[]);

-- name: case_split_report :exec
INSERT INTO ticket (number, kind, subject, status, type, how_reported, reporter, reporter_name,
  organisation, owner, priority, due, their_ref, missing, tlp, name_reporter, verdict, completeness, sorted)
SELECT $2, kind, left($3, 250), 'open', type, how_reported, reporter, reporter_name,
  organisation, owner, priority, due, their_ref, missing, tlp, name_reporter, verdict, completeness, true
FROM ticket WHERE number = $1;

-- name: case_split_parties :exec
INSERT INTO ticket_party (ticket, email, role, acked)
SELECT $2, email, role, now() FROM ticket_party WHERE ticket = $1 AND role = 'reporter';

-- name: case_split_left :one
SELECT (SELECT count(*) FROM message WHERE ticket = $1) AS messages,
  (SELECT count(*) FROM event WHERE ticket = $1) AS events,
  (SELECT count(*) FROM message WHERE ticket = $2) AS moved_messages,
  (SELECT count(*) FROM event WHERE ticket = $2) AS moved_events;

-- name: case_head :opt
SELECT kind, subject, status, version, merged_into, grouped_into
FROM ticket WHERE number = $1;

-- name: case_number :opt
SELECT coalesce(merged_into, number) AS number FROM ticket WHERE number = $1;

-- Do two investigations ask the same party?  A member, or outside the same
-- addresses: the link in a notice shows the last one on its thread.
-- name: case_same_party :one
SELECT f.organisation IS NOT DISTINCT FROM t.organisation
  AND (f.organisation IS NOT NULL OR NOT EXISTS (
    SELECT email FROM ticket_party WHERE ticket IN (f.number, t.number) AND role = 'member'
    GROUP BY email HAVING count(*) < 2)) AS same
FROM ticket f, ticket t WHERE f.number = $1 AND t.number = $2;

-- A countermeasure whose time is over; one host at a time takes it.
-- name: case_expired :opt
SELECT number, kind, status, version, owner, type, reporter, their_ref,
  organisation, merged_into, due, priority, tlp, subject, subject AS open_subject, expires
FROM ticket
WHERE kind = 'countermeasure' AND status = 'active' AND expires <= now()
ORDER BY expires, number LIMIT 1 FOR UPDATE SKIP LOCKED;

-- It is due since it is over: so stands it in the queue, with its incident.
-- name: case_expired_due :exec
UPDATE ticket SET due = least(due, expires) WHERE number = $1;
