-- The book of contacts outside, entry by entry (server/core/member/book.c); imports
-- have import.sql.

-- Of: what an entry is about, as people write it.  $1 words or an address,
-- NULL for all; $2 page.
-- name: book_list :many each
SELECT f.id, coalesce(f.net::text, 'AS' || f.asn, f.domain, f.country) AS about,
  f.name, f.email, f.phone, f.lang::text AS lang, f.note, f.created,
  i.id AS import
FROM foreign_contact f LEFT JOIN data_import i ON i.id = f.import
WHERE f.ended IS NULL AND ($1::text IS NULL OR f.domain = lower($1) OR f.country = upper($1)
  OR 'AS' || f.asn = upper($1) OR strpos(lower(f.name), lower($1)) > 0 OR strpos(lower(f.email), lower($1)) > 0
  OR f.net >>= $3::inet)
ORDER BY f.net NULLS LAST, f.asn NULLS LAST, f.domain NULLS LAST, f.country, lower(f.email)
LIMIT 50 OFFSET $2::bigint * 50;

-- name: book_total :one each
SELECT count(*) AS total FROM foreign_contact f
WHERE f.ended IS NULL AND ($1::text IS NULL OR f.domain = lower($1) OR f.country = upper($1)
  OR 'AS' || f.asn = upper($1) OR strpos(lower(f.name), lower($1)) > 0 OR strpos(lower(f.email), lower($1)) > 0
  OR f.net >>= $2::inet);

-- 1 net, 2 AS, 3 domain, 4 country: one of them; 5 name, 6 address, 7
-- telephone, 8 language, 9 note.  What a person wrote is nobody's import.
-- name: book_set :one
INSERT INTO foreign_contact (net, asn, domain, country, name, email, phone, lang, note)
VALUES ($1::cidr, $2::bigint, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (coalesce(net::text, ''), coalesce(asn, -1), coalesce(domain, ''), coalesce(country, ''), lower(email))
  WHERE ended IS NULL
DO UPDATE SET name = excluded.name, phone = excluded.phone, lang = excluded.lang, note = excluded.note, import = NULL
RETURNING id;

-- name: book_end :opt
UPDATE foreign_contact f SET ended = now() WHERE id = $1 AND ended IS NULL
RETURNING id, coalesce(f.net::text, 'AS' || f.asn, f.domain, f.country) AS about, name, email;
