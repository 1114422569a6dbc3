-- A notice that went to nobody: its mails came back, or were refused at once.
-- Its clock does not wait to turn to others, or to have somebody call.
CREATE FUNCTION notice_turn(of_ticket bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE notice n SET next_at = now()
  WHERE n.id = (SELECT max(id) FROM notice WHERE ticket = of_ticket) AND n.result IS NULL
    AND n.to_read IS NULL AND NOT n.restart AND n.next_at > now()
    AND NOT EXISTS (SELECT FROM notice_has(n.id))
$$;

-- Mail came back from there for good, and no sign since that it works: none
-- came from there, and none that left stayed there for a day.
CREATE OR REPLACE FUNCTION came_back(email text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  WITH last AS (
    SELECT max(bounced) AS at FROM delivery WHERE lower(address) = lower(email) AND bounce_hard
  )
  SELECT at FROM last
  WHERE at IS NOT NULL AND NOT EXISTS (
    SELECT FROM ticket_party p JOIN message m ON m.ticket = p.ticket AND m.received > last.at
    WHERE p.email = lower(came_back.email) AND CASE m.direction
      WHEN 'in' THEN lower(m."from") = p.email
      ELSE EXISTS (SELECT FROM delivery d WHERE d.message = m.id AND lower(d.address) = p.email
        AND d.state = 'sent' AND d.sent < now() - interval '1 day') END)
$$;
