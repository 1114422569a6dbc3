-- Cases that run by themselves, and the last mail to a reporter.

-- Copyright reports that were looked at by the timer (copyright.auto), each
-- once; why one was left to the analysts.
CREATE TABLE copyright_seen (
  ticket  bigint PRIMARY KEY REFERENCES ticket,
  at      timestamptz NOT NULL DEFAULT now(),
  doubt   text                                   -- NULL: its notice was sent
);

-- A reporter gets two mails: the receipt, and the outcome.  A row is made
-- when a report is resolved, or an investigation of its incident is; who got
-- no receipt gets no outcome.
CREATE TABLE report_outcome (
  ticket    bigint PRIMARY KEY REFERENCES ticket,
  reporter  text NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  state     text NOT NULL DEFAULT 'due' CHECK (state IN
            ('due', 'summary',                   -- waits, alone or for the daily mail
             'sent', 'dropped')),
  message   bigint REFERENCES message
);
CREATE INDEX report_outcome_due ON report_outcome (at) WHERE state = 'due';
CREATE INDEX report_outcome_summary ON report_outcome (reporter, at) WHERE state = 'summary';
CREATE INDEX report_outcome_reporter ON report_outcome (reporter, at);

CREATE FUNCTION report_came_out(report bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO report_outcome (ticket, reporter)
  SELECT p.ticket, p.email FROM ticket_party p
  WHERE p.ticket = report AND p.role = 'reporter' AND p.acked IS NOT NULL
  ORDER BY p.acked LIMIT 1
  ON CONFLICT (ticket) DO NOTHING
$$;
CREATE FUNCTION ticket_came_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'resolved' THEN
    -- Opened again before anything was said.
    DELETE FROM report_outcome WHERE ticket = NEW.number AND state = 'due';
  ELSIF NEW.kind = 'report' THEN
    PERFORM report_came_out(NEW.number);
  ELSE
    PERFORM report_came_out(r.number)
    FROM ticket_link mine JOIN ticket_link l ON l.incident = mine.incident
    JOIN ticket r ON r.number = l.child
    WHERE mine.child = NEW.number AND r.kind = 'report' AND r.status <> 'rejected'
      AND EXISTS (SELECT FROM ticket_about b JOIN event e ON e.id = b.event
                  WHERE b.ticket = NEW.number AND e.ticket = r.number);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_came_out AFTER UPDATE OF status ON ticket
  FOR EACH ROW WHEN (NEW.kind IN ('report', 'investigation') AND OLD.status <> NEW.status
    AND (NEW.status = 'resolved' OR OLD.status = 'resolved'))
  EXECUTE FUNCTION ticket_came_out();

-- When a report was passed to whom it concerns: the first notice on it, or of
-- its incidents.
CREATE FUNCTION outcome_passed(report bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT min(at) FROM (
    SELECT m.received AS at FROM message m
    WHERE m.ticket = report AND m.direction = 'out' AND m.purpose = 'notice'
    UNION ALL
    SELECT n.sent FROM ticket_link mine JOIN ticket_link l ON l.incident = mine.incident
    JOIN notice n ON n.ticket = l.child
    WHERE mine.child = report
      -- Of what was in this report: an incident may have many.
      AND EXISTS (SELECT FROM ticket_about b JOIN event e ON e.id = b.event
                  WHERE b.ticket = n.ticket AND e.ticket = report)) x
$$;
