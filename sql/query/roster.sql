-- The two lists and who is on them (server/core/roster*.c).

-- name: roster_lists :many
SELECT l.id, l.name, l.title, l.description, l.policy, l.max_tlp,
  count(s.id) FILTER (WHERE s.status = 'active') AS active,
  count(s.id) FILTER (WHERE s.status = 'pending') AS pending,
  count(s.id) FILTER (WHERE s.status = 'suspended') AS suspended,
  count(s.id) FILTER (WHERE s.status = 'left') AS left
FROM list l LEFT JOIN subscriber s ON s.list = l.id
GROUP BY l.id ORDER BY l.id LIMIT 100;

-- Members that no warning reaches.
-- name: roster_uncovered :many
SELECT o.name, o.handle,
  (SELECT max(s.left_at) FROM subscriber s JOIN list l ON l.id = s.list
   WHERE s.organisation = o.id AND l.name = $1) AS since
FROM organisation o
WHERE NOT EXISTS (SELECT FROM subscriber s JOIN list l ON l.id = s.list
  WHERE s.organisation = o.id AND l.name = $1 AND s.status = 'active')
ORDER BY o.name, o.id LIMIT 200;

-- name: roster_list_find :opt
SELECT l.id, l.name, l.title, l.description, l.policy, l.max_tlp,
  count(s.id) FILTER (WHERE s.status = 'active') AS active,
  count(s.id) FILTER (WHERE s.status = 'pending') AS pending,
  count(s.id) FILTER (WHERE s.status = 'suspended') AS suspended,
  count(s.id) FILTER (WHERE s.status = 'left') AS left
FROM list l LEFT JOIN subscriber s ON s.list = l.id
WHERE l.name = $1 GROUP BY l.id;

-- name: roster_subscribers :many
SELECT s.id, s.email, s.name, o.name AS organisation, s.status, s.source,
  coalesce(p.name, s.added_by_name) AS added_by, s.created, s.confirmed,
  s.left_at, s.left_how, s.bounces,
  CASE WHEN d.bounced IS NOT NULL THEN CASE WHEN d.bounce_hard THEN 'hard' ELSE 'soft' END END AS bounce,
  d.bounced, d.bounce_status, d.bounce_reason,
  '/api/v1/messages/' || d.bounce_message || '/raw' AS bounce_raw
FROM subscriber s LEFT JOIN organisation o ON o.id = s.organisation
  LEFT JOIN principal p ON p.id = s.added_by
  LEFT JOIN LATERAL (SELECT * FROM delivery b WHERE b.subscriber = s.id AND b.bounced IS NOT NULL
    ORDER BY b.bounced DESC LIMIT 1) d ON true
WHERE s.list = $1
  AND CASE WHEN $2::text IS NULL THEN s.status <> 'left'
      WHEN $2 = 'any' THEN true ELSE s.status = $2 END
  AND ($3::text IS NULL OR strpos(lower(s.email), lower($3)) > 0
    OR strpos(lower(s.name), lower($3)) > 0)
ORDER BY s.id LIMIT $4 OFFSET $5;

-- name: roster_subscribers_count :one
SELECT count(*) AS n FROM subscriber s
WHERE s.list = $1
  AND CASE WHEN $2::text IS NULL THEN s.status <> 'left'
      WHEN $2 = 'any' THEN true ELSE s.status = $2 END
  AND ($3::text IS NULL OR strpos(lower(s.email), lower($3)) > 0
    OR strpos(lower(s.name), lower($3)) > 0);

-- name: roster_member :opt
SELECT s.id, s.email, l.name AS list, l.title, l.policy, s.status,
  o.name AS organisation, s.organisation AS organisation_id
FROM subscriber s JOIN list l ON l.id = s.list
  LEFT JOIN organisation o ON o.id = s.organisation
WHERE s.id = $1;

-- name: roster_member_lock :opt
SELECT s.id, s.email, l.name AS list, l.title, l.policy, s.status,
  o.name AS organisation, s.organisation AS organisation_id
FROM subscriber s JOIN list l ON l.id = s.list
  LEFT JOIN organisation o ON o.id = s.organisation
WHERE s.id = $1 FOR UPDATE OF s;

-- name: roster_member_by_email :opt
SELECT s.id, s.email, l.name AS list, l.title, l.policy, s.status,
  o.name AS organisation, s.organisation AS organisation_id
FROM subscriber s JOIN list l ON l.id = s.list
  LEFT JOIN organisation o ON o.id = s.organisation
WHERE l.name = $1 AND lower(s.email) = lower($2);

-- name: roster_add :opt
INSERT INTO subscriber (list, email, name, status, source, added_by,
  added_by_name, confirmed, organisation)
SELECT $1, $2, $3, 'active', $4, $5, $6, now(),
  (SELECT c.organisation FROM contact c WHERE lower(c.email) = lower($2)
    AND c.removed_at IS NULL ORDER BY c.id LIMIT 1)
ON CONFLICT (list, lower(email)) DO UPDATE SET status = 'active',
  name = CASE WHEN excluded.name <> '' THEN excluded.name
    ELSE subscriber.name END,
  source = excluded.source, added_by = excluded.added_by,
  added_by_name = excluded.added_by_name, confirmed = now(), left_at = NULL,
  left_how = NULL, bounces = 0, last_bounce = NULL
WHERE subscriber.status <> 'active'
RETURNING id;

-- name: roster_end :exec
UPDATE subscriber SET status = 'left', left_at = now(), left_how = $2
WHERE id = $1 AND status <> 'left';

-- name: roster_organisation_contacts :one
SELECT count(*) AS n FROM subscriber s JOIN list l ON l.id = s.list
WHERE s.organisation = $1 AND l.name = $2 AND s.status = 'active';

-- A pending row for a newcomer; who left or was suspended stays so until
-- he has confirmed: a stranger's wish changes nothing.
-- name: roster_pending :exec
INSERT INTO subscriber (list, email, status, source, added_by_name)
VALUES ($1, $2, 'pending', $3, $4)
ON CONFLICT (list, lower(email)) DO NOTHING;

-- name: roster_confirmations_today :one
SELECT count(*) AS n FROM confirmation
WHERE lower(email) = lower($1) AND created > now() - interval '1 day';

-- name: roster_confirmation_add :exec
INSERT INTO confirmation (token_hash, list, email, purpose, expires)
VALUES ($1, $2, $3, 'subscribe', now() + make_interval(hours => $4::int));

-- name: roster_confirmation :opt
SELECT c.email, l.name AS list, l.title, l.policy,
  c.used IS NOT NULL AS used, c.expires < now() AS expired, s.id, s.status
FROM confirmation c JOIN list l ON l.id = c.list
  LEFT JOIN subscriber s ON s.list = c.list AND lower(s.email) = lower(c.email)
WHERE c.token_hash = $1;

-- name: roster_confirmation_use :exec
UPDATE confirmation SET used = now()
WHERE token_hash = $1 AND used IS NULL AND expires >= now();

-- A pending row may have been cleared away meanwhile, so this makes one.
-- name: roster_confirm :exec
INSERT INTO subscriber (list, email, status, source, added_by_name, confirmed)
SELECT c.list, c.email, 'active', 'web', 'confirmed by mail', now()
FROM confirmation c WHERE c.token_hash = $1
ON CONFLICT (list, lower(email)) DO UPDATE SET status = 'active',
  confirmed = now(), left_at = NULL, left_how = NULL, bounces = 0,
  last_bounce = NULL;

-- name: roster_contacts_add :exec
INSERT INTO subscriber (list, email, name, organisation, status, source,
  added_by, added_by_name, confirmed)
SELECT DISTINCT ON (lower(c.email)) l.id, c.email, c.name, c.organisation,
  'active', 'contact', $2, $3, now()
FROM contact c, list l
WHERE l.name = $1 AND c.role = 'security' AND c.removed_at IS NULL
ORDER BY lower(c.email), c.id
ON CONFLICT (list, lower(email)) DO UPDATE SET
  organisation = excluded.organisation, status = 'active',
  source = 'contact', name = CASE WHEN subscriber.name = '' THEN excluded.name
    ELSE subscriber.name END,
  confirmed = now(), left_at = NULL, left_how = NULL
WHERE (subscriber.status = 'left' AND subscriber.left_how IN ('mirror',
    'expired'))
  OR subscriber.status = 'pending';

-- The organisation of those who were on the list before is filled in too.
-- name: roster_contacts_organisation :exec
UPDATE subscriber s SET organisation = c.organisation
FROM (SELECT DISTINCT ON (lower(email)) lower(email) AS email, organisation
    FROM contact WHERE role = 'security' AND removed_at IS NULL
    ORDER BY lower(email), id) c, list l
WHERE l.name = $1 AND s.list = l.id AND lower(s.email) = c.email
  AND s.organisation IS DISTINCT FROM c.organisation;

-- name: roster_contacts_end :exec
UPDATE subscriber s SET status = 'left', left_at = now(), left_how = 'mirror'
FROM list l
WHERE l.name = $1 AND s.list = l.id AND s.source = 'contact'
  AND s.status <> 'left'
  AND NOT EXISTS (SELECT FROM contact c WHERE c.role = 'security'
    AND c.removed_at IS NULL AND lower(c.email) = lower(s.email));

-- name: roster_bounce :opt
UPDATE subscriber SET
  bounces = bounces + CASE WHEN last_bounce > now() - interval '1 day'
    THEN 0 ELSE 1 END,
  last_bounce = CASE WHEN last_bounce > now() - interval '1 day'
    THEN last_bounce ELSE now() END,
  status = CASE WHEN bounces + CASE WHEN last_bounce >
    now() - interval '1 day' THEN 0 ELSE 1 END >= $2 THEN 'suspended'
    ELSE status END
WHERE id = $1 AND status = 'active'
RETURNING id, bounces, status;

-- name: roster_suspend :exec
UPDATE subscriber SET status = 'suspended'
WHERE id = $1 AND status = 'active';

-- name: roster_expire :exec
UPDATE subscriber s SET status = 'left', left_at = now(),
  left_how = 'expired'
WHERE s.status = 'pending' AND NOT EXISTS (SELECT FROM confirmation c
  WHERE c.list = s.list AND lower(c.email) = lower(s.email)
    AND c.expires >= now());

-- name: roster_expire_confirmations :exec
DELETE FROM confirmation WHERE expires < now() - interval '30 days';

-- What a file would do: the state on the list of each address in it.
-- name: roster_import_look :many
SELECT x.line, x.email, x.name, s.status AS reason
FROM unnest($2::int[], $3::text[], $4::text[]) AS x (line, email, name)
  LEFT JOIN subscriber s ON s.list = $1 AND lower(s.email) = lower(x.email)
    AND NOT (s.status = 'left' AND s.left_how IN ('mirror', 'expired'))
ORDER BY x.line LIMIT 200000;

-- name: roster_import :exec
INSERT INTO subscriber (list, email, name, status, source, added_by,
  added_by_name, confirmed)
SELECT $1, x.email, x.name, 'active', 'import', $4, $5, now()
FROM unnest($2::text[], $3::text[]) AS x (email, name)
ON CONFLICT (list, lower(email)) DO UPDATE SET status = 'active',
  name = CASE WHEN excluded.name <> '' THEN excluded.name
    ELSE subscriber.name END,
  source = CASE WHEN subscriber.status = 'active' THEN subscriber.source
    ELSE excluded.source END,
  added_by = CASE WHEN subscriber.status = 'active' THEN subscriber.added_by
    ELSE excluded.added_by END,
  added_by_name = CASE WHEN subscriber.status = 'active'
    THEN subscriber.added_by_name ELSE excluded.added_by_name END,
  confirmed = coalesce(subscriber.confirmed, now()),
  bounces = CASE WHEN subscriber.status = 'active' THEN subscriber.bounces
    ELSE 0 END, left_at = NULL, left_how = NULL
WHERE NOT (subscriber.status = 'left'
  AND coalesce(subscriber.left_how, 'self') IN ('self', 'staff'))
  AND (subscriber.status <> 'active'
    OR (excluded.name <> '' AND subscriber.name <> excluded.name));
