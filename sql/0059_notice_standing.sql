-- A notice that the policy of feeds sent waits for its answer as any other,
-- though its ticket is out of the queue (standing): the ladder runs, the link
-- in it takes the answer, and the desk's lists have it as long as it runs.
CREATE OR REPLACE FUNCTION notice_matching(want text) RETURNS SETOF notice LANGUAGE sql STABLE AS $$
  SELECT n.* FROM notice n JOIN ticket t ON t.number = n.ticket
  WHERE (is_active(t.status) OR (t.standing AND n.next_at IS NOT NULL))
    AND NOT EXISTS (SELECT FROM notice l WHERE l.ticket = n.ticket AND l.id > n.id)
    AND CASE want
      WHEN 'read' THEN n.to_read IS NOT NULL
      WHEN 'close' THEN n.result IN ('CLEANED', 'NOT-TRACED', 'AUTHORISED')
      WHEN 'more' THEN n.result = 'NEED-MORE'
      WHEN 'phone' THEN n.result IS NULL AND n.to_read IS NULL AND n.called IS NULL
        AND n.stage IN ('phone', 'overdue')
      WHEN 'late' THEN n.result IS NULL AND n.to_read IS NULL AND n.answer_by < now()
      ELSE n.result IS NULL END
$$;
-- What was sent before asked for an answer that nobody waited for; it stays
-- so, and no reminder of it leaves now.
UPDATE notice n SET next_at = NULL FROM ticket t
WHERE t.number = n.ticket AND t.standing AND n.next_at IS NOT NULL;
