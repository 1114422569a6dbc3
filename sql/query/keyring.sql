-- The public keys that the team knows.

-- name: keyring_find :opt
SELECT fingerprint, uid, array_to_string(addresses, ' ') AS addresses, data
FROM pgp_key WHERE key_ids @> ARRAY[right(upper($1::text), 16)]
ORDER BY fingerprint = upper($1) DESC LIMIT 1;

-- A key that is there gets its newer self; what a person said of it stays.
-- name: keyring_put :one
INSERT INTO pgp_key (fingerprint, key_ids, uid, addresses, organisation, own,
  source, added_by, expires, revoked, data)
VALUES ($1, $2::text[], $3, $4::text[],
  (SELECT id FROM organisation WHERE handle = $5), $6::boolean, $7, $8,
  $9::timestamptz, $10::boolean, $11)
ON CONFLICT (fingerprint) DO UPDATE SET key_ids = excluded.key_ids,
  uid = excluded.uid, addresses = excluded.addresses,
  organisation = coalesce(excluded.organisation, pgp_key.organisation),
  own = pgp_key.own OR excluded.own, expires = excluded.expires,
  revoked = excluded.revoked, data = excluded.data
RETURNING fingerprint;

-- name: keyring_list :many
SELECT k.fingerprint, k.uid, array_to_string(k.addresses, ' ') AS addresses,
  o.handle AS organisation, k.own, k.source, k.added_by, k.added, k.expires,
  k.revoked
FROM pgp_key k LEFT JOIN organisation o ON o.id = k.organisation
ORDER BY k.own DESC, k.uid, k.fingerprint LIMIT 1000;

-- name: keyring_remove :opt
DELETE FROM pgp_key WHERE fingerprint = upper($1) RETURNING fingerprint;

-- name: keyring_own :many
SELECT fingerprint, uid, array_to_string(addresses, ' ') AS addresses, data
FROM pgp_key WHERE own AND NOT revoked AND (expires IS NULL OR expires > now())
ORDER BY added DESC, fingerprint LIMIT 10;

-- The key to encrypt to, of each address: the newest that is valid, else the
-- newest.
-- name: keyring_for :many
SELECT a.address, k.fingerprint, coalesce(k.state, 'none') AS state,
  k.expires, k.data
FROM unnest($1::text[]) WITH ORDINALITY AS a (address, n)
LEFT JOIN LATERAL (
  SELECT fingerprint, expires, data, added,
    CASE WHEN revoked THEN 'revoked' WHEN expires <= now() THEN 'expired'
      ELSE 'valid' END AS state
  FROM pgp_key
  WHERE EXISTS (SELECT FROM unnest(addresses) x WHERE lower(x) = lower(a.address))
  ORDER BY (NOT revoked AND coalesce(expires > now(), true)) DESC, added DESC,
    fingerprint LIMIT 1
) k ON true
ORDER BY a.n LIMIT 100;

-- name: keyring_red :opt
SELECT number FROM ticket WHERE number = $1 AND tlp = 'RED' LIMIT 1;

-- name: keyring_own_forget :exec
UPDATE pgp_key SET own = false WHERE own AND NOT fingerprint = ANY ($1::text[]);

-- Messages with a signature by one of these keys, which were not there, or
-- one that could not be checked at all.
-- name: keyring_unchecked :many
SELECT id, received, "from", subject, sha256, size, disposition, ticket,
  format, envelope_from, parsed
FROM message
WHERE inspect @? '$.signatures[*] ? (@.state == "unknown-key" || @.state == "unchecked")'
  AND id > $1
  AND EXISTS (SELECT FROM jsonb_array_elements(inspect -> 'signatures') s
              WHERE s ->> 'state' = 'unchecked'
                 OR right(upper(s ->> 'fingerprint'), 16) = ANY ($2::text[]))
ORDER BY id LIMIT 100;

-- name: keyring_rechecked :exec
UPDATE message SET inspect = inspect || $2::jsonb WHERE id = $1;
