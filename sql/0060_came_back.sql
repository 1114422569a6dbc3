-- Who has a notice: where the last mail of it that went to an address, the
-- notice or a reminder, did not come back.
CREATE FUNCTION notice_has(of_notice bigint)
RETURNS TABLE (address text, at_first boolean) LANGUAGE sql STABLE AS $$
  SELECT min(d.address), bool_or(d.message = n.message)
  FROM notice n
  JOIN message m ON m.ticket = n.ticket AND m.direction = 'out'
    AND m.purpose IN ('notice', 'reminder') AND m.id >= n.message
  JOIN delivery d ON d.message = m.id
  WHERE n.id = of_notice
  GROUP BY lower(d.address)
  HAVING (array_agg(d.state NOT IN ('refused', 'bounced', 'expired') ORDER BY d.id DESC))[1]
  ORDER BY min(d.id)
$$;

-- An address that does not work is told wherever somebody is about to write to
-- it.  (No index names the state: claiming would touch it.)
CREATE INDEX delivery_came_back ON delivery (lower(address)) WHERE bounce_hard;
CREATE FUNCTION came_back(email text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT max(bounced) FROM delivery WHERE lower(address) = lower(email) AND bounce_hard
$$;
