-- Copyright reports that run by themselves (server/core/notice/copyright.h).

-- The next one that nobody has touched, and what is doubtful about it.
-- name: copyright_next :opt
SELECT t.number, CASE
    WHEN e.n = 0 THEN 'it has no address'
    WHEN e.n > 500 THEN 'it has too many addresses'
    WHEN e.members > 1 THEN 'it is about several members'
    WHEN e.members = 0 OR NOT e.ours THEN 'an address is of no member, or not for certain'
    WHEN NOT e.timed THEN 'a time, or its zone, is not known'
    WHEN e.other THEN 'it is about something else, too'
    WHEN e.retracts THEN 'it takes an earlier notice back'
    WHEN t.claims IS NOT NULL THEN 'it says that it belongs to another ticket'
    WHEN t.tlp IN ('RED', 'AMBER+STRICT') THEN 'it may not be passed on as it is'
    WHEN NOT EXISTS (SELECT FROM contact_for(t.organisation, e.source, t.type, now()))
      THEN 'the member has no contact for this'
  END AS doubt
FROM (SELECT * FROM ticket x
      WHERE x.type = 'fraud/copyright' AND x.kind = 'report' AND x.status = 'new'
        AND x.owner IS NULL AND x.how_reported <> 'feed' AND x.created > $1::timestamptz
        AND NOT EXISTS (SELECT FROM copyright_seen s WHERE s.ticket = x.number)
      ORDER BY x.number LIMIT 1 FOR UPDATE SKIP LOCKED) t
CROSS JOIN LATERAL (
  SELECT count(*) AS n, count(DISTINCT e.organisation) AS members,
    bool_and(e.verdict = 'confirmed' AND e.organisation IS NOT NULL AND e.source_ip IS NOT NULL
      AND masklen(e.source_ip) = CASE family(e.source_ip) WHEN 4 THEN 32 ELSE 128 END) AS ours,
    bool_and(e."time" IS NOT NULL AND e.zone <> 'unknown') AS timed,
    bool_or(e.type IS NOT NULL AND e.type <> 'fraud/copyright') AS other,
    bool_or(e.extra ->> 'retraction' = 'true') AS retracts,
    min(e.source_ip) AS source
  FROM (SELECT * FROM event WHERE ticket = t.number ORDER BY id LIMIT 501) e) e;

-- name: copyright_seen :exec
INSERT INTO copyright_seen (ticket, doubt) VALUES ($1, $2) ON CONFLICT DO NOTHING;
