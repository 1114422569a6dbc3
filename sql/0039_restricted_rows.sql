-- A new thread about rows of a restricted report is as restricted.  One that
-- was there is known to its owner and others: it does not get such rows.
CREATE OR REPLACE FUNCTION about_restricts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  x record;
BEGIN
  FOR x IN
    SELECT DISTINCT r.number AS report, t.number AS thread, t.restricted, t.created = now() AS is_new
    FROM fresh f JOIN event e ON e.id = f.event
    JOIN ticket r ON r.number = e.ticket AND r.restricted
    JOIN ticket t ON t.number = f.ticket
    ORDER BY t.number, r.number
  LOOP
    IF x.is_new AND NOT (SELECT restricted FROM ticket WHERE number = x.thread) THEN
      PERFORM restrict_as(x.report, x.thread);
    ELSIF NOT x.restricted AND NOT x.is_new OR EXISTS (
        SELECT principal FROM ticket_reader WHERE ticket = x.thread
        EXCEPT SELECT principal FROM ticket_reader WHERE ticket = x.report) THEN
      RAISE 'Ticket #% is restricted, and #% is shown to others: restrict that to the same people first.',
        x.report, x.thread;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
