-- Imports of members, prefixes and foreign data (core/member/import.h).

-- name: import_begin :one
INSERT INTO data_import (principal, actor, target, format, file, sha256, size)
VALUES ($1, $2, $3, $4, $5, $6, $7::bigint) RETURNING id;

-- name: import_end :exec
UPDATE data_import SET added = $2::bigint, changed = $3::bigint, ended = $4::bigint,
  unchanged = $5::bigint, refused = $6::bigint
WHERE id = $1;

-- Members by each name that a file may call them.
-- name: import_owners :many
SELECT 'handle' AS kind, handle AS value, id, handle FROM organisation
UNION ALL
SELECT a.kind, a.value, o.id, o.handle
FROM organisation_alias a JOIN organisation o ON o.id = a.organisation
LIMIT 1000000;

-- name: organisation_alias_set :exec
INSERT INTO organisation_alias (kind, value, organisation) VALUES ($1, $2, $3)
ON CONFLICT (kind, value) DO UPDATE SET organisation = excluded.organisation;

-- name: organisation_without_contact :many
SELECT o.id, o.handle, o.name FROM organisation o
WHERE NOT EXISTS (SELECT FROM contact c WHERE c.organisation = o.id AND c.removed_at IS NULL
  AND c.role IN ('cert', 'security', 'management'))
ORDER BY o.handle LIMIT 5000;

-- Who holds exactly this prefix at some time of the period.
-- name: prefix_overlaps :many
SELECT p.id, p.organisation AS organisation_id, o.handle,
  lower(p.period) AS since, upper(p.period) AS until
FROM prefix p JOIN organisation o ON o.id = p.organisation
WHERE p.net = $1::cidr AND p.period && tstzrange($2::timestamptz, $3::timestamptz)
ORDER BY lower(p.period) NULLS FIRST LIMIT 100;

-- name: prefix_add :exec
INSERT INTO prefix (net, organisation, period, import)
VALUES ($1::cidr, $2, tstzrange($3::timestamptz, $4::timestamptz), $5);

-- name: prefix_end :exec
UPDATE prefix SET period = tstzrange(lower(period), $2::timestamptz) WHERE id = $1;

-- name: prefix_seen :exec
UPDATE prefix SET import = $2 WHERE id = $1;

-- What came by a file, is held today, and was not in this one.
-- name: prefix_vanished :many
SELECT p.net::text AS prefix, o.handle
FROM prefix p JOIN organisation o ON o.id = p.organisation
WHERE p.import <> $1 AND upper_inf(p.period) AND p.period @> now()
ORDER BY p.net LIMIT 100000;

-- name: prefix_end_vanished :exec
UPDATE prefix SET period = tstzrange(lower(period), now())
WHERE import <> $1 AND upper_inf(period) AND period @> now() AND (lower_inf(period) OR lower(period) < now());

-- name: registry_net_set :one
WITH old AS (
  SELECT (object, netname, holder, org, country, abuse, mnt_by) =
    ($3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text[]) AS same
  FROM registry_net WHERE net = $1::cidr AND source = $2
), new AS (
  INSERT INTO registry_net (net, source, object, netname, holder, org, country, abuse, mnt_by, import)
  VALUES ($1::cidr, $2, $3, $4, $5, $6, $7, $8, $9::text[], $10)
  ON CONFLICT (net, source) DO UPDATE SET object = excluded.object, netname = excluded.netname,
    holder = excluded.holder, org = excluded.org, country = excluded.country,
    abuse = excluded.abuse, mnt_by = excluded.mnt_by, import = excluded.import
)
SELECT coalesce((SELECT CASE WHEN same THEN 'unchanged' ELSE 'changed' END FROM old), 'added') AS what;

-- name: registry_net_forget :exec
DELETE FROM registry_net WHERE import IS DISTINCT FROM $1
  AND source IN (SELECT source FROM registry_net WHERE import = $1);

-- name: route_origin_set :one
WITH old AS (
  SELECT source = $3::text AS same FROM route_origin WHERE net = $1::cidr AND asn = $2::bigint
), new AS (
  INSERT INTO route_origin (net, asn, source, import) VALUES ($1::cidr, $2::bigint, $3, $4)
  ON CONFLICT (net, asn) DO UPDATE SET source = excluded.source, import = excluded.import
)
SELECT coalesce((SELECT CASE WHEN same THEN 'unchanged' ELSE 'changed' END FROM old), 'added') AS what;

-- name: route_origin_forget :exec
DELETE FROM route_origin WHERE import IS DISTINCT FROM $1
  AND source IN (SELECT source FROM route_origin WHERE import = $1);

-- One entry of the book for each key and address.
-- name: foreign_contact_set :one
WITH old AS (
  SELECT id, (name, phone, note, lang::text) = ($5::text, $7::text, $8::text, coalesce($10::text, lang)) AS same FROM foreign_contact
  WHERE ended IS NULL AND lower(email) = lower($6::text)
    AND net IS NOT DISTINCT FROM $1::cidr AND asn IS NOT DISTINCT FROM $2::bigint
    AND domain IS NOT DISTINCT FROM $3::text AND country IS NOT DISTINCT FROM $4::text
  LIMIT 1
), upd AS (
  UPDATE foreign_contact f SET name = $5, phone = $7, note = $8, import = $9, lang = coalesce($10, lang)
  FROM old WHERE f.id = old.id
), ins AS (
  INSERT INTO foreign_contact (net, asn, domain, country, name, email, phone, note, import, lang)
  SELECT $1::cidr, $2::bigint, $3, $4, $5, $6, $7, $8, $9, coalesce($10, 'en') WHERE NOT EXISTS (SELECT FROM old)
)
SELECT coalesce((SELECT CASE WHEN same THEN 'unchanged' ELSE 'changed' END FROM old), 'added') AS what;

-- name: foreign_contact_forget :exec
UPDATE foreign_contact SET ended = now() WHERE ended IS NULL AND import <> $1;

-- The last imports, for the page.
-- name: import_list :many
SELECT id, at, actor, target, format, file, sha256, size, added, changed, ended, unchanged, refused
FROM data_import ORDER BY id DESC LIMIT 20;
