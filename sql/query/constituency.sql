-- Whose is it?

-- The same look-up as in intake_context, for one address or name, and the
-- answer's columns are those of struct constituency_found.
-- name: constituency_at :one
SELECT coalesce(h.organisation, x.organisation) AS organisation_id,
  coalesce(o.name, x.holder) AS organisation, coalesce(h.net, x.net)::text AS prefix,
  CASE WHEN h.organisation IS NULL THEN x.basis ELSE 'prefix' END AS basis,
  x.verdict, x.what, s.id AS scanner, s.holder AS scanner_of, s.reason AS scanner_reason
FROM (SELECT $1::inet AS ip, coalesce($2::timestamptz, now()) AS at, lower($3::text) AS domain) e
LEFT JOIN LATERAL (
  SELECT p.organisation, p.net FROM prefix p
  WHERE p.net >>= e.ip AND p.period @> e.at
  ORDER BY masklen(p.net) DESC LIMIT 1) h ON true
LEFT JOIN organisation o ON o.id = h.organisation
LEFT JOIN LATERAL (
  SELECT * FROM ours_otherwise(e.ip, e.domain)
  WHERE h.organisation IS NULL LIMIT 1) x ON true
LEFT JOIN LATERAL (
  SELECT s.id, s.reason, (SELECT name FROM organisation WHERE id = s.organisation) AS holder
  FROM scanner s WHERE s.net >>= e.ip AND s.period @> e.at
  ORDER BY masklen(s.net) DESC LIMIT 1) s ON true;

-- Whom a member wants to be told: contact_for() of sql/0010_members.sql.
-- name: constituency_contact_for :many
SELECT role, name, email, phone, reason
FROM contact_for($1, $2::inet, $3, coalesce($4::timestamptz, now())) LIMIT 20;

-- name: constituency_foreign :many
SELECT holder, email, phone, country, net::text AS prefix, source, reason
FROM foreign_contact_for($1::inet, $2::text) LIMIT 10;

-- name: constituency_contacts :many
SELECT role, name, email, phone FROM contact
WHERE organisation = $1 AND removed_at IS NULL
ORDER BY role = 'security' DESC, role, email LIMIT 100;

-- The list of members.  Arguments: 1 page, 2 words in name, handle, domain or
-- contact, 3 address or prefix.
-- name: organisation_list :many
SELECT o.id, o.handle, o.name,
  (SELECT count(*) FROM prefix p WHERE p.organisation = o.id AND p.period @> now()) AS prefixes,
  (SELECT string_agg(p.net::text, ' ' ORDER BY p.net) FROM (SELECT net FROM prefix p
    WHERE p.organisation = o.id AND p.period @> now() ORDER BY net LIMIT 8) p) AS nets,
  (SELECT string_agg(c.email, ' ' ORDER BY c.email) FROM contact c
    WHERE c.organisation = o.id AND c.removed_at IS NULL AND c.role = 'security') AS contacts,
  (SELECT count(*) FROM ticket t WHERE t.organisation = o.id
    AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND t.grouped_into IS NULL) AS open
FROM (SELECT * FROM organisation_matching($2::text, $3::inet) ORDER BY name, id
      LIMIT 50 OFFSET $1::bigint * 50) o
ORDER BY o.name, o.id LIMIT 50;

-- name: organisation_total :one
SELECT count(*) AS total FROM organisation_matching($1::text, $2::inet);

-- name: organisation_id :opt
SELECT id FROM organisation WHERE handle = lower($1);

-- name: organisation_by_handle :opt
SELECT id, handle, name FROM organisation WHERE handle = $1;

-- name: organisation_imported :opt
SELECT id, handle, name, lang FROM organisation WHERE handle = $1;

-- name: organisation_upsert :one
INSERT INTO organisation (handle, name, lang) VALUES ($1, $2, coalesce($3, 'en'))
ON CONFLICT (handle) DO UPDATE SET name = excluded.name, lang = coalesce($3, organisation.lang)
RETURNING id, handle, name, lang;

-- name: organisation_domain_set :exec
INSERT INTO organisation_domain (domain, organisation) VALUES (lower($1), $2)
ON CONFLICT (domain) DO UPDATE SET organisation = excluded.organisation;

-- name: organisation_domain_of :opt
SELECT o.id, o.handle, o.name FROM organisation_domain d
JOIN organisation o ON o.id = d.organisation WHERE d.domain = lower($1);

-- name: contact_find :opt
SELECT role, name, email, phone FROM contact
WHERE organisation = $1 AND role = $2 AND lower(email) = lower($3) AND removed_at IS NULL;

-- name: contact_set :exec
INSERT INTO contact (organisation, role, name, email, phone)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organisation, role, lower(email)) WHERE removed_at IS NULL
DO UPDATE SET name = excluded.name, phone = excluded.phone;

