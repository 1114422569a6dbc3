-- Texts to begin from, and handling notes (server/core/ticket/text_template.c).

-- Of one direction, or all ($1 NULL).
-- name: text_list :many
SELECT t.id, t.name, t.direction, t.lang, t.type, t.resolution, t.asks, t.subject, t.text,
  t.version, t.changed, p.name AS changed_by
FROM text_template t LEFT JOIN principal p ON p.id = t.changed_by
WHERE $1::text IS NULL OR t.direction = $1
ORDER BY t.direction, t.name, t.lang <> 'en', t.lang LIMIT 500;

-- In language $3 where there is one of that name, else in the usual one; $3
-- NULL: in each.
-- name: text_fitting :many
SELECT t.id, t.name, t.direction, t.lang, t.type, t.resolution, t.asks, t.subject, t.version
FROM text_template t
WHERE ($1::text IS NULL OR t.direction = $1) AND (t.type = '' OR type_within($2::text, t.type))
  AND ($3::text IS NULL OR t.id = (
    SELECT x.id FROM text_template x WHERE x.direction = t.direction AND x.name = t.name
    ORDER BY lang_serves(x.lang, $3) DESC, CASE WHEN lang_serves(x.lang, $3) THEN length(x.lang) END DESC,
      x.lang = 'en' DESC, x.id LIMIT 1))
ORDER BY length(t.type) DESC, t.id LIMIT 500;

-- The text $1, as it is in language $2.
-- name: text_get_in :opt
SELECT x.id, x.name, x.direction, x.lang, x.type, x.resolution, x.asks, x.subject, x.text,
  x.version, x.changed, p.name AS changed_by
FROM text_template t JOIN text_template x ON x.direction = t.direction AND x.name = t.name
LEFT JOIN principal p ON p.id = x.changed_by
WHERE t.id = $1 AND (x.id = t.id OR lang_serves(x.lang, $2))
ORDER BY lang_serves(x.lang, $2) DESC NULLS LAST, length(x.lang) DESC LIMIT 1;

-- name: text_languages :many
SELECT x.id, x.name, x.direction, x.lang, x.type, x.resolution, x.asks, x.subject, x.text,
  x.version, x.changed
FROM text_template t JOIN text_template x ON x.direction = t.direction AND x.name = t.name
WHERE t.id = $1 ORDER BY x.lang LIMIT 500;

-- name: text_lang_of :opt
SELECT CASE WHEN t.kind = 'investigation' THEN lang_of(t.organisation,
    (SELECT q.email FROM ticket_party q WHERE q.ticket = t.number AND q.role = 'member' ORDER BY q.email LIMIT 1)) END AS lang
FROM ticket t WHERE t.number = $1;

-- name: text_get :opt
SELECT t.id, t.name, t.direction, t.lang, t.type, t.resolution, t.asks, t.subject, t.text,
  t.version, t.changed, p.name AS changed_by
FROM text_template t LEFT JOIN principal p ON p.id = t.changed_by WHERE t.id = $1;

-- name: text_lock :opt
SELECT id, name, direction, lang, type, resolution, asks, subject, text, version, changed
FROM text_template WHERE id = $1 FOR UPDATE;

-- name: text_add :one
INSERT INTO text_template (name, direction, type, resolution, asks, subject, text, changed_by, lang)
VALUES ($1, $2, $3, $4, $5::boolean, $6, $7, $8, $9) RETURNING id, version;

-- name: text_set :one
UPDATE text_template SET name = $2, direction = $3, type = $4, resolution = $5,
  asks = $6::boolean, subject = $7, text = $8, changed_by = $9, lang = $10, changed = now(),
  version = version + 1
WHERE id = $1 RETURNING id, version;

-- name: text_remove :exec
DELETE FROM text_template WHERE id = $1;

-- What the variables of a text stand for at a ticket.
-- name: text_facts :opt
SELECT t.number, t.type, t.kind, t.reporter, t.reporter_name, t.their_ref,
  t.created AS received, o.name AS organisation,
  coalesce((SELECT m.inspect ->> 'outer_subject' FROM message m
            WHERE m.ticket = t.number AND m.disposition = 'report'
            ORDER BY m.id LIMIT 1), t.subject) AS subject,
  e.addresses, e.first, nullif(array_to_string(t.missing, ', '), '') AS missing
FROM ticket t
LEFT JOIN organisation o ON o.id = t.organisation
LEFT JOIN LATERAL (
  SELECT string_agg(DISTINCT host(x.source_ip), ', ')
      FILTER (WHERE x.source_ip IS NOT NULL) AS addresses,
    min(x."time") AS first
  FROM (SELECT source_ip, "time" FROM events_of(t.number) ORDER BY id LIMIT 20) x) e ON true
WHERE t.number = $1;

-- name: handling_notes :many
SELECT n.type, n.text, n.version, n.changed, p.name AS changed_by
FROM handling_note n LEFT JOIN principal p ON p.id = n.changed_by
ORDER BY n.type LIMIT 500;

-- name: handling_notes_for :many
SELECT type, text, version, changed FROM handling_note
WHERE type_within($1::text, type) ORDER BY length(type) LIMIT 10;

-- name: handling_note_lock :opt
SELECT type, text, version, changed FROM handling_note WHERE type = $1 FOR UPDATE;

-- name: handling_note_set :exec
INSERT INTO handling_note (type, text, changed_by) VALUES ($1, $2, $3)
ON CONFLICT (type) DO UPDATE SET text = $2, changed_by = $3, changed = now(),
  version = handling_note.version + 1;

-- name: handling_note_remove :exec
DELETE FROM handling_note WHERE type = $1;

-- The last ticket that a text of that type could go out on.
-- name: text_example :opt
SELECT number FROM ticket
WHERE kind = $1 AND ($2::text = '' OR type_within(type, $2)) ORDER BY number DESC LIMIT 1;
