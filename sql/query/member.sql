-- One member with everything of it, and the acts on it (core/member/member.h).

-- name: member_head :one
SELECT o.id, o.handle, o.name, o.notes, o.attach, o.lang, o.version, o.created,
  (SELECT count(*) FROM ticket t WHERE t.organisation = o.id
    AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')) AS open
FROM organisation o WHERE o.handle = $1;

-- name: member_prefixes :many
SELECT p.id, p.net::text AS prefix, lower(p.period) AS since, upper(p.period) AS until,
  p.period @> now() AS current, p.import
FROM prefix p WHERE p.organisation = $1
ORDER BY p.period @> now() DESC, p.net, lower(p.period) NULLS FIRST LIMIT 5000;

-- name: member_names :many
SELECT 'domain' AS kind, domain AS value FROM organisation_domain WHERE organisation = $1
UNION ALL
SELECT kind, value FROM organisation_alias WHERE organisation = $1
ORDER BY kind, value LIMIT 2000;

-- name: member_contacts :many
SELECT id, role, name, email, phone, created AS since, removed_at AS until, removed_at IS NULL AS current,
  came_back(email) AS came_back
FROM contact WHERE organisation = $1
ORDER BY removed_at IS NULL DESC, role = 'cert' DESC, role = 'security' DESC, role, email LIMIT 500;

-- name: member_rules :many
SELECT id, net::text AS prefix, type, role, email, name, note,
  lower(period) AS since, upper(period) AS until, period @> now() AS current
FROM contact_rule WHERE organisation = $1
ORDER BY period @> now() DESC, masklen(net) DESC NULLS LAST, length(type) DESC NULLS LAST, id LIMIT 500;

-- name: member_scanners :many
SELECT id, net::text AS prefix, type,
  CASE WHEN ports IS NULL THEN NULL WHEN upper(ports) = lower(ports) + 1 THEN lower(ports)::text
    ELSE lower(ports) || '-' || upper(ports) - 1 END AS ports,
  reason, lower(period) AS since, upper(period) AS until, period @> now() AS current
FROM scanner WHERE organisation = $1
ORDER BY period @> now() DESC, net, id LIMIT 500;

-- name: member_tickets :many
SELECT t.number, t.kind, t.subject, t.status, t.type, t.reporter AS "from",
  t.created, t.due, p.name AS owner, t.updated, t.priority, t.reports, t.restricted
FROM ticket t LEFT JOIN principal p ON p.id = t.owner
WHERE t.organisation = $1 AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
  AND t.grouped_into IS NULL
ORDER BY t.due, t.number LIMIT 50;

-- name: member_history :many
SELECT at, actor, action, object, old, new FROM audit
WHERE object = 'member ' || $1 AND ticket IS NULL AND advisory IS NULL
ORDER BY id DESC LIMIT 200;

-- name: member_new :exec
INSERT INTO organisation (handle, name, notes) VALUES ($1, $2, $3);

-- name: member_lock :one
SELECT id, handle, name, notes, version FROM organisation WHERE handle = $1 FOR UPDATE;

-- name: member_touch :exec
UPDATE organisation SET version = version + 1 WHERE id = $1;

-- name: member_set :exec
UPDATE organisation SET name = $2, notes = $3, attach = coalesce($4, attach), lang = coalesce($5, lang) WHERE id = $1;

-- name: member_rule_add :exec
INSERT INTO contact_rule (organisation, net, type, role, email, name, note, period)
VALUES ($1, $2::cidr, $3, $4, $5, $6, $7, tstzrange(coalesce($8::timestamptz, now()), $9::timestamptz));

-- name: member_scanner_add :exec
INSERT INTO scanner (organisation, net, type, ports, reason, period)
VALUES ($1, $2::cidr, $3, CASE WHEN $4::int IS NOT NULL THEN int4range($4::int, $5::int, '[]') END,
  $6, tstzrange(coalesce($7::timestamptz, now()), $8::timestamptz));

-- Ends: a period that is over, or began later, is no row of these.
-- name: member_prefix_end :opt
UPDATE prefix SET period = tstzrange(lower(period), coalesce($3::timestamptz, now()))
WHERE id = $2 AND organisation = $1 AND upper_inf(period)
  AND (lower_inf(period) OR lower(period) < coalesce($3::timestamptz, now()))
RETURNING net::text AS value;

-- name: member_rule_end :opt
UPDATE contact_rule SET period = tstzrange(lower(period), coalesce($3::timestamptz, now()))
WHERE id = $2 AND organisation = $1 AND period @> now()
  AND (lower_inf(period) OR lower(period) < coalesce($3::timestamptz, now()))
RETURNING concat_ws(' ', net::text, type) AS value;

-- name: member_scanner_end :opt
UPDATE scanner SET period = tstzrange(lower(period), coalesce($3::timestamptz, now()))
WHERE id = $2 AND organisation = $1 AND period @> now()
  AND (lower_inf(period) OR lower(period) < coalesce($3::timestamptz, now()))
RETURNING net::text AS value;

-- name: member_contact_end :opt
UPDATE contact SET removed_at = coalesce($3::timestamptz, now())
WHERE id = $2 AND organisation = $1 AND removed_at IS NULL
RETURNING role || ' ' || email AS value;

-- name: member_domain_end :opt
DELETE FROM organisation_domain WHERE organisation = $1 AND domain = $2
RETURNING domain AS value;

-- name: member_alias_end :opt
DELETE FROM organisation_alias WHERE organisation = $1 AND kind = $2 AND value = $3
RETURNING kind || ' ' || value AS value;
