-- Topics and their items (server/core/list/topic.c).

-- name: topic_list :many
SELECT t.slug, t.title, t.description, count(i.id) AS items,
  max(i.updated) AS updated
FROM topic t LEFT JOIN item_topic it ON it.topic = t.id
  LEFT JOIN item i ON i.id = it.item
GROUP BY t.id ORDER BY t.title, t.id LIMIT 500;

-- name: topic_find :opt
SELECT t.slug, t.title, t.description, count(i.id) AS items,
  max(i.updated) AS updated
FROM topic t LEFT JOIN item_topic it ON it.topic = t.id
  LEFT JOIN item i ON i.id = it.item
WHERE t.slug = $1 GROUP BY t.id;

-- name: topic_all :one
SELECT NULL AS slug, count(*) AS items, max(updated) AS updated FROM item;

-- name: topic_items :many
SELECT i.id, i.slug, i.kind, i.title, i.author, i.teaser, i.tlp, i.advisory,
  i.guid, i.published, i.updated
FROM item i JOIN item_topic it ON it.item = i.id
  JOIN topic t ON t.id = it.topic
WHERE t.slug = $1
ORDER BY i.published DESC, i.id DESC LIMIT $2 OFFSET $3;

-- name: topic_items_all :many
SELECT id, slug, kind, title, author, teaser, tlp, advisory, guid, published,
  updated
FROM item ORDER BY published DESC, id DESC LIMIT $1 OFFSET $2;

-- name: topic_bodies :many
SELECT id, slug, body FROM item WHERE slug = ANY($1::text[]) LIMIT 100;

-- name: topic_item_find :opt
SELECT i.id, i.slug, i.kind, i.title, i.author, i.teaser, i.body, i.tlp,
  i.advisory, a.created AS advisory_created, to_json(a.cves)::text AS cves,
  array_to_string(a.cves, ', ') AS cves_text,
  i.guid, i.published, i.updated, t.slug AS topic_slug, t.title AS topic_title
FROM item i LEFT JOIN advisory a ON a.number = i.advisory
  LEFT JOIN LATERAL (SELECT t.slug, t.title FROM item_topic it
    JOIN topic t ON t.id = it.topic WHERE it.item = i.id
    ORDER BY t.id LIMIT 1) t ON true
WHERE i.slug = $1;

-- An item that says the same already is left alone: no false "updated".
-- name: topic_publish :opt
INSERT INTO item (slug, kind, title, author, body, teaser, tlp, advisory, guid,
  published, updated)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
ON CONFLICT (slug) DO UPDATE SET kind = excluded.kind, title = excluded.title,
  author = excluded.author, body = excluded.body, teaser = excluded.teaser,
  updated = now()
WHERE (item.kind, item.title, item.author, item.body, item.teaser)
  IS DISTINCT FROM (excluded.kind, excluded.title, excluded.author,
    excluded.body, excluded.teaser)
RETURNING id, xmax = 0 AS made;

-- name: topic_publish_topics :exec
INSERT INTO item_topic (topic, item)
SELECT t.id, i.id FROM topic t, item i
WHERE i.slug = $1 AND t.slug = ANY($2::text[])
ON CONFLICT DO NOTHING;

-- name: topic_unpublish_topics :exec
DELETE FROM item_topic it USING item i, topic t
WHERE it.item = i.id AND it.topic = t.id AND i.slug = $1
  AND t.slug <> ALL($2::text[]);

-- name: topic_unknown :opt
SELECT x AS slug FROM unnest($1::text[]) AS x
WHERE NOT EXISTS (SELECT FROM topic WHERE slug = x) LIMIT 1;
