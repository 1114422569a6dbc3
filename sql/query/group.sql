-- Groups of reports of the same thing (sql/0019_group.sql).

-- name: group_sweep :one
SELECT group_reports($1::int) AS looked;

-- name: group_of :many
SELECT t.number, t.reporter AS "from", t.status, t.created, t.version,
  (SELECT count(*) FROM event e WHERE e.ticket = t.number) AS events,
  (SELECT count(*) FROM message m WHERE m.ticket = t.number AND m.disposition = 'reply') AS answers
FROM ticket t
WHERE t.grouped_into = $1
ORDER BY answers DESC, t.number LIMIT $2;

-- Open tickets of the last 30 days that share an address, a domain, or
-- member and type; not those of the same group.  Each step is bounded: an
-- address may have a million events, of which its twenty newest of other
-- tickets are looked at, since five tickets at most are shown.
-- name: group_related :many
WITH me AS (
  SELECT number, organisation, type, coalesce(grouped_into, number) AS lead
  FROM ticket WHERE number = $1
), e AS (
  SELECT DISTINCT source_ip, lower(domain) AS domain
  FROM (SELECT source_ip, domain FROM event WHERE ticket = $1 ORDER BY id LIMIT 20) f
), hit AS (
  SELECT x.ticket, 1 AS rank, 'same address ' || abbrev(e.source_ip) AS reason
  FROM e CROSS JOIN LATERAL (
    SELECT o.ticket FROM event o WHERE o.source_ip = e.source_ip AND o.ticket <> $1
    ORDER BY o.ticket DESC LIMIT 20) x
  UNION ALL
  SELECT x.ticket, 2, 'same domain ' || e.domain
  FROM e CROSS JOIN LATERAL (
    SELECT o.ticket FROM event o WHERE lower(o.domain) = e.domain AND o.domain IS NOT NULL
      AND o.ticket <> $1
    ORDER BY o.ticket DESC LIMIT 20) x
  UNION ALL
  -- (This far only those that may be shown: a member may have had thousands.)
  SELECT x.number, 3, 'same member and type'
  FROM me CROSS JOIN LATERAL (
    SELECT o.number FROM ticket o WHERE o.organisation = me.organisation AND o.type = me.type
      AND o.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
      AND o.grouped_into IS NULL
    ORDER BY o.number DESC LIMIT 20) x
)
SELECT t.number, t.kind, t.subject, t.status, h.reason
FROM (SELECT DISTINCT ON (ticket) ticket, rank, reason FROM hit ORDER BY ticket, rank, reason) h
CROSS JOIN me
-- (OFFSET 0: each is looked up; a join would read all that are open.)
CROSS JOIN LATERAL (
  SELECT t.* FROM ticket t
  WHERE t.number = h.ticket AND t.number NOT IN (me.number, me.lead)
    AND t.status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND t.grouped_into IS NULL AND t.created > now() - interval '30 days' OFFSET 0) t
-- Not what is linked with it already.
WHERE (SELECT true FROM ticket_link l WHERE l.incident = t.number AND l.child = me.number) IS NULL
  AND (SELECT true FROM ticket_link l WHERE l.incident = me.number AND l.child = t.number) IS NULL
  -- Nor what hangs on the same incident.
  AND (SELECT true FROM ticket_link a JOIN ticket_link b ON b.incident = a.incident
       WHERE a.child = me.number AND b.child = t.number LIMIT 1) IS NULL
ORDER BY h.rank, t.number DESC LIMIT $2;

-- name: group_lead :opt
SELECT grouped_into FROM ticket WHERE number = $1;

-- name: group_close :exec
WITH o AS (
  SELECT number, status FROM ticket
  WHERE grouped_into = $1 AND status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
  ORDER BY number FOR UPDATE
), c AS (
  UPDATE ticket t SET status = $2, closed = now(), waiting = NULL, updated = now(),
    version = version + 1
  FROM o WHERE t.number = o.number
  RETURNING t.number, o.status AS old
)
INSERT INTO audit (principal, actor, action, ticket, object, old, new)
SELECT nullif($3::bigint, 0), $4, 'ticket.status', number, 'with ticket ' || $1::bigint, old, $2 FROM c;

-- It stays sorted, so that it is not folded again.
-- name: group_take_out :exec
WITH t AS (
  UPDATE ticket SET grouped_into = NULL, updated = now(), version = version + 1,
    -- in the queue it is seen without a view of answers
    answered = CASE WHEN status IN ('resolved', 'rejected', 'abandoned', 'removed')
      THEN answered END
  WHERE number = $1 AND grouped_into = $2 RETURNING number
)
UPDATE ticket SET reports = reports - 1, updated = now(), version = version + 1
FROM t WHERE ticket.number = $2;
