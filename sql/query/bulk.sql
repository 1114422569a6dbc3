-- Many tickets at once (server/core/ticket/bulk.c).

-- name: bulk_make :one
INSERT INTO bulk (principal, since)
VALUES ($1, (SELECT coalesce(max(id), 0) FROM audit)) RETURNING id;

-- $2: "4711" or "4711.3" with the version that was seen.
-- name: bulk_pick :exec
INSERT INTO bulk_item (bulk, ticket, version)
SELECT $1, t.number, coalesce(p.version, t.version)
FROM (SELECT DISTINCT ON (1) split_part(w, '.', 1)::bigint AS number,
        nullif(split_part(w, '.', 2), '')::int AS version
      FROM unnest($2::text[]) w ORDER BY 1, 2) p
JOIN ticket t ON t.number = p.number;

-- One that is not there.
-- name: bulk_missing :opt
SELECT n AS id FROM (SELECT split_part(w, '.', 1)::bigint AS n FROM unnest($2::text[]) w) x
WHERE NOT EXISTS (SELECT FROM bulk_item WHERE bulk = $1 AND ticket = n) ORDER BY n LIMIT 1;

-- All that a search finds; one more than there may be tells that there are more.
-- name: bulk_find :exec
INSERT INTO bulk_item (bulk, ticket, version)
SELECT $1, t.number, t.version
FROM ticket_matching($2::text, $3::text, $4::text, $5::text, $6::text,
  $7::inet, $8::bigint, $9::boolean, $10::text, $11::timestamptz, $12::timestamptz) t
LIMIT $13::bigint;

-- name: bulk_lock :opt
SELECT b.id, b.state, b.act, b.owner, o.name AS owner_name, b.status, b.resolution,
  b.incident, b.direction, b.subject, b.text, b.asks, b.tell, b.others, b.deed,
  b.created, b.started, b.finished, b.why, b.version, b.principal, b.since
FROM bulk b LEFT JOIN principal o ON o.id = b.owner
WHERE b.id = $1 AND b.principal = $2 FOR UPDATE OF b;

-- name: bulk_get :opt
SELECT b.id, b.state, b.act, b.owner, o.name AS owner_name, b.status, b.resolution,
  b.incident, b.direction, b.subject, b.text, b.asks, b.tell, b.others, b.deed,
  b.created, b.started, b.finished, b.why, b.version, b.principal, b.since,
  EXISTS (SELECT FROM deed d WHERE d.undoes = b.deed) AS undone,
  (SELECT string_agg(x.lang, ', ' ORDER BY x.lang) FROM bulk_text x WHERE x.bulk = b.id
   HAVING count(*) > 1) AS langs,
  n.total, n.waits, n.changed, n.refused, n.mails
FROM bulk b LEFT JOIN principal o ON o.id = b.owner
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE i.state = 'waits') AS waits,
    count(*) FILTER (WHERE i.state = 'done') AS changed,
    count(*) FILTER (WHERE i.state = 'refused') AS refused,
    count(i.message) AS mails
  FROM bulk_item i WHERE i.bulk = b.id) n
WHERE b.id = $1 AND b.principal = $2;

-- name: bulk_of_deed :opt
SELECT id FROM bulk WHERE deed = $1 AND principal = $2 ORDER BY id LIMIT 1;

-- name: bulk_list :many
SELECT b.id, b.state, b.act, b.owner, o.name AS owner_name, b.status, b.resolution,
  b.incident, b.direction, b.subject, b.asks, b.tell, b.others, b.deed,
  b.created, b.started, b.finished, b.why, b.version, b.principal, b.since,
  EXISTS (SELECT FROM deed d WHERE d.undoes = b.deed) AS undone,
  n.total, n.waits, n.changed, n.refused, n.mails
FROM (SELECT * FROM bulk WHERE principal = $1 ORDER BY id DESC LIMIT 30) b
LEFT JOIN principal o ON o.id = b.owner
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE i.state = 'waits') AS waits,
    count(*) FILTER (WHERE i.state = 'done') AS changed,
    count(*) FILTER (WHERE i.state = 'refused') AS refused,
    count(i.message) AS mails
  FROM bulk_item i WHERE i.bulk = b.id) n
ORDER BY b.id DESC LIMIT 30;

-- name: bulk_plan :exec
UPDATE bulk SET act = $2, owner = $3, status = $4, resolution = $5, incident = $6,
  direction = $7, subject = $8, text = $9, asks = $10::boolean, tell = $11::boolean,
  others = $12::boolean, version = version + 1
WHERE id = $1;

-- The text $2 in all its languages, itself among them; 0: none.
-- name: bulk_translate :exec
WITH gone AS (
  DELETE FROM bulk_text WHERE bulk = $1
    AND NOT EXISTS (SELECT FROM text_template t JOIN text_template x
      ON x.direction = t.direction AND x.name = t.name WHERE t.id = $2 AND x.lang = bulk_text.lang)
)
INSERT INTO bulk_text (bulk, lang, subject, text)
SELECT $1, x.lang, x.subject, x.text FROM text_template t
JOIN text_template x ON x.direction = t.direction AND x.name = t.name WHERE t.id = $2
ON CONFLICT (bulk, lang) DO UPDATE SET subject = excluded.subject, text = excluded.text;

-- As it serves language $2 best.
-- name: bulk_text_in :opt
SELECT lang, subject, text FROM bulk_text WHERE bulk = $1 AND lang_serves(lang, $2)
ORDER BY length(lang) DESC LIMIT 1;

-- name: bulk_again :exec
UPDATE bulk_item SET state = 'waits', why = NULL WHERE bulk = $1 AND state <> 'waits';

-- All of it, with what its act asks of a ticket; $2: the incident of a link.
-- name: bulk_rows :many
SELECT i.ticket AS number, i.version AS seen, t.kind, t.status, t.version, t.owner,
  p.name AS owner_name, t.merged_into, t.organisation IS NOT NULL AS member,
  CASE WHEN t.kind = 'report' THEN t.reporter
    ELSE (SELECT m.recipients FROM notice n JOIN message m ON m.id = n.message
          WHERE n.ticket = t.number ORDER BY n.id DESC LIMIT 1) END AS "to",
  CASE WHEN c.number IS NULL THEN NULL
    WHEN EXISTS (SELECT FROM ticket_link l WHERE l.incident = c.number AND l.child = t.number)
      THEN format('Ticket #%s hangs on #%s already.', t.number, c.number)
    ELSE link_refused(c, t) END AS link_why
FROM bulk_item i JOIN ticket t ON t.number = i.ticket
LEFT JOIN principal p ON p.id = t.owner
LEFT JOIN ticket c ON c.number = $2::bigint
WHERE i.bulk = $1 ORDER BY i.ticket LIMIT 20001;

-- name: bulk_refuse :exec
UPDATE bulk_item i SET state = 'refused', why = r.why
FROM unnest($2::bigint[], $3::text[]) r (number, why)
WHERE i.bulk = $1 AND i.ticket = r.number;

-- name: bulk_owner :opt
SELECT id FROM principal
WHERE id = $1 AND disabled_at IS NULL AND role IN ('analyst', 'lead', 'admin');

-- name: bulk_people :many
SELECT id, name, id = $1::bigint AS chosen FROM principal
WHERE kind = 'person' AND disabled_at IS NULL AND role IN ('analyst', 'lead', 'admin')
ORDER BY name, id LIMIT 500;

-- name: bulk_items :many
SELECT i.ticket AS number, t.kind, t.subject, t.status, p.name AS owner, i.state, i.why, i.message
FROM bulk_item i JOIN ticket t ON t.number = i.ticket
LEFT JOIN principal p ON p.id = t.owner
WHERE i.bulk = $1 AND ($2::text IS NULL OR i.state = $2)
ORDER BY i.ticket LIMIT 100 OFFSET $3::bigint * 100;

-- name: bulk_sums :many
SELECT t.kind, t.status, count(*) AS n FROM bulk_item i JOIN ticket t ON t.number = i.ticket
WHERE i.bulk = $1 GROUP BY t.kind, t.status ORDER BY n DESC, t.kind, t.status LIMIT 20;

-- (A reason that names its ticket is the same without the number.)
-- name: bulk_whys :many
SELECT why, count(*) AS n FROM (
  SELECT regexp_replace(why, '#' || ticket || '\M', 'it') AS why FROM bulk_item
  WHERE bulk = $1 AND state = 'refused') w
GROUP BY why ORDER BY n DESC, why LIMIT 50;

-- name: bulk_along :one
SELECT (SELECT count(DISTINCT c.number) FROM bulk_item i
        JOIN ticket_link l ON l.incident = i.ticket JOIN ticket c ON c.number = l.child
        WHERE i.bulk = $1 AND i.state = 'waits' AND is_active(c.status)
          AND NOT EXISTS (SELECT FROM bulk_item o WHERE o.bulk = $1 AND o.ticket = c.number AND o.state = 'waits'))
  + (SELECT count(*) FROM bulk_item i JOIN ticket g ON g.grouped_into = i.ticket
     WHERE i.bulk = $1 AND i.state = 'waits' AND is_active(g.status)
       AND NOT EXISTS (SELECT FROM bulk_item o WHERE o.bulk = $1 AND o.ticket = g.number AND o.state = 'waits')) AS id;

-- name: bulk_start :exec
UPDATE bulk SET state = 'running', started = now(), deed = $2, version = version + 1 WHERE id = $1;

-- name: bulk_finish :exec
UPDATE bulk SET state = $2, finished = now(), why = $3, version = version + 1 WHERE id = $1;

-- The one that the timer goes on with; one host at a time.
-- name: bulk_take :opt
SELECT b.id, b.state, b.act, b.owner, o.name AS owner_name, b.status, b.resolution,
  b.incident, b.direction, b.subject, b.text, b.asks, b.tell, b.others, b.deed,
  b.created, b.started, b.finished, b.why, b.version, b.principal, b.since,
  p.name AS maker_name, p.email AS maker_email, p.role AS maker_role,
  p.disabled_at IS NOT NULL AS maker_gone
FROM (SELECT * FROM bulk WHERE state = 'running' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) b
JOIN principal p ON p.id = b.principal
LEFT JOIN principal o ON o.id = b.owner;

-- name: bulk_next :many
SELECT ticket AS number, version AS seen FROM bulk_item
WHERE bulk = $1 AND state = 'waits' ORDER BY ticket LIMIT $2::bigint;

-- name: bulk_item_set :exec
UPDATE bulk_item SET state = $3, why = $4, message = $5 WHERE bulk = $1 AND ticket = $2;

-- Is all that became of a ticket since it was chosen our own doing: this deed
-- went over it, with another ticket, and nobody else wrote in its history?
-- name: bulk_own_doing :one
SELECT EXISTS (SELECT FROM deed_change c WHERE c.deed = $2::bigint AND c.ticket = $1)
  AND NOT EXISTS (SELECT FROM audit a WHERE a.ticket = $1 AND a.id > $3::bigint
                  AND a.principal IS DISTINCT FROM $4::bigint) AS chosen;

-- To whom a mail on it goes: see bulk_rows.
-- name: bulk_to :opt
SELECT CASE WHEN t.kind = 'report' THEN t.reporter
    ELSE (SELECT m.recipients FROM notice n JOIN message m ON m.id = n.message
          WHERE n.ticket = t.number ORDER BY n.id DESC LIMIT 1) END AS "to",
  t.organisation IS NOT NULL AS member
FROM ticket t WHERE t.number = $1;

-- name: bulk_first :opt
SELECT ticket AS id FROM bulk_item WHERE bulk = $1 AND state = 'waits' ORDER BY ticket LIMIT 1;

-- name: bulk_sweep :exec
DELETE FROM bulk WHERE state = 'draft' AND created < now() - make_interval(days => $1::int);
