-- A mail that is sent on (server/core/ticket/forward.c).

-- Of the ticket, or of what hangs on it; the strictest label counts.  It says
-- who reported when he wrote it, at first or later, or when it went to him.
-- name: forward_of :opt
SELECT m.id, m."from", m.subject, m.received AS date, m.size,
  m.direction = 'in' AND m.disposition = 'report' OR EXISTS (
    SELECT FROM ticket r
    WHERE (r.number = o.number OR r.number IN (SELECT child FROM ticket_link WHERE incident = o.number))
      AND (lower(r.reporter) = lower(m."from") OR lower(r.reporter) IN (
        SELECT lower(d.address) FROM delivery d WHERE d.message = m.id))) AS reported, o.name_reporter,
  (SELECT x.tlp FROM (VALUES (t.tlp), (o.tlp)) x (tlp) ORDER BY tlp_rank(x.tlp) DESC LIMIT 1) AS tlp
FROM ticket t JOIN message m ON m.id = $2 AND m.direction <> 'comment'
JOIN ticket o ON o.number = m.ticket
WHERE t.number = $1 AND (m.ticket = $1
  OR m.ticket IN (SELECT child FROM ticket_link WHERE incident = $1)
  OR o.merged_into = $1);
