-- Zones of times that came without one: settling them, and rules.

-- The rule of the first of these senders that has one.
-- name: zone_rule_of :opt
SELECT sender, zone FROM zone_rule WHERE sender = ANY ($1::text[])
ORDER BY array_position($1::text[], sender) LIMIT 1;

-- name: zone_rule_list :many
SELECT r.sender, r.zone, r.made, p.name AS made_by,
  (SELECT number FROM ticket WHERE number = r.ticket) AS ticket
FROM zone_rule r LEFT JOIN principal p ON p.id = r.made_by
ORDER BY r.sender LIMIT 50 OFFSET $1::bigint * 50;

-- name: zone_rule_total :one
SELECT count(*) AS total FROM zone_rule;

-- name: zone_rule_set :exec
INSERT INTO zone_rule (sender, zone, made_by, ticket) VALUES ($1, $2, $3::bigint, $4::bigint)
ON CONFLICT (sender) DO UPDATE SET zone = excluded.zone, made = now(),
  made_by = excluded.made_by, ticket = excluded.ticket;

-- name: zone_rule_remove :opt
DELETE FROM zone_rule WHERE sender = $1 RETURNING sender, zone;

-- Every event of a ticket with what settling needs to know of it.  "seen":
-- it happened before this.
-- name: settle_events :many
SELECT e.id, e.type, e.source_ip, e.destination_ip, e.source_port,
  e.destination_port, e.protocol, e."time", e.time_given, e.zone, e.url,
  e.domain, e.cve, e.malware, e.count, e.reporter_ref, e.evidence_part,
  e.feed, e.zone_name, e.as_given, e.verdict, e.reason,
  e.organisation AS organisation_id, o.name AS organisation,
  e.prefix::text AS prefix, e.scanner, m."from" AS sender, m.format,
  coalesce(m.date, m.received) AS seen,
  (SELECT CASE WHEN n.shared THEN 'yes' ELSE 'no' END FROM nat n
   WHERE n.net >>= e.source_ip ORDER BY masklen(n.net) DESC LIMIT 1) AS nat
FROM event e JOIN message m ON m.id = e.message
LEFT JOIN organisation o ON o.id = e.organisation
WHERE e.ticket = $1 ORDER BY e.id LIMIT 5000;

-- What became of them.
-- name: settle_store :exec
UPDATE event e SET "time" = x."time", zone = x.zone, zone_name = x.zone_name,
  as_given = x.as_given, verdict = x.verdict, reason = x.reason,
  organisation = x.organisation, prefix = x.prefix, scanner = x.scanner
FROM jsonb_to_recordset($2::jsonb) AS x (id bigint, "time" timestamptz,
  zone text, zone_name text, as_given boolean, verdict text, reason text,
  organisation bigint, prefix cidr, scanner bigint)
WHERE e.ticket = $1 AND e.id = x.id;

-- name: settle_ticket :exec
UPDATE ticket SET completeness = $2::int, missing = coalesce($3::text[], '{}'),
  updated = now(), version = version + 1
WHERE number = $1;

-- The same, where something else is the write.
-- name: settle_score :exec
UPDATE ticket SET completeness = $2::int, missing = coalesce($3::text[], '{}')
WHERE number = $1;

-- name: ticket_ask_reporter :exec
UPDATE ticket SET waiting = now(),
  -- On a thread with a party it is the party that is asked.
  waiting_for = CASE kind WHEN 'investigation' THEN 'member' ELSE 'reporter' END
WHERE number = $1;
