-- What happens after a notice is sent: reminders and escalation in working
-- time, and the answer by whatever way.

-- A rule is a ladder: until when an answer is asked for, and what happens
-- while none comes.  For a notice the most specific rule counts: of the
-- organisation and type, of the organisation, of the type (the longest), of
-- all.  Times are working time (server/core/notice/calendar.h): days, or minutes.
CREATE TABLE notice_rule (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type            text NOT NULL DEFAULT ''        -- RSIT class or "class/type"; '': all
                  CHECK (type ~ '^([a-z-]+(/[a-z0-9-]+)?)?$'),
  organisation    bigint REFERENCES organisation, -- NULL: all
  answer_days     int CHECK (answer_days BETWEEN 1 AND 100),
  answer_minutes  int CHECK (answer_minutes BETWEEN 1 AND 10000),
  CHECK (num_nonnulls(answer_days, answer_minutes) = 1),
  UNIQUE NULLS NOT DISTINCT (type, organisation)
);
CREATE INDEX notice_rule_organisation ON notice_rule (organisation) WHERE organisation IS NOT NULL;

CREATE TABLE notice_level (
  rule     bigint NOT NULL REFERENCES notice_rule ON DELETE CASCADE,
  level    int NOT NULL CHECK (level BETWEEN 1 AND 20),
  days     int CHECK (days BETWEEN 1 AND 100),         -- after the level before, or
  minutes  int CHECK (minutes BETWEEN 1 AND 10000),    -- after the notice was sent
  act      text NOT NULL CHECK (act IN
           ('remind',          -- the mail again, to the same people
            'second contact',  -- to others of that organisation, or the CERT above it
            'phone',           -- no mail: somebody has to call
            'overdue')),       -- no mail: it is overdue in the queue, with its incident
  PRIMARY KEY (rule, level),
  CHECK (num_nonnulls(days, minutes) = 1)
);

CREATE FUNCTION notice_rule_for(org bigint, kind text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT id FROM notice_rule
  WHERE (organisation IS NULL OR organisation = org)
    AND (type = '' OR type_within(kind, type))
  ORDER BY organisation IS NULL, length(type) DESC LIMIT 1
$$;

-- As shipped: a sign of life within a working day, an answer within three,
-- other people at five.  Faster where harm goes on; a copyright notice has time.
WITH r AS (
  INSERT INTO notice_rule (type, answer_days, answer_minutes) VALUES
    ('', 3, NULL), ('availability', NULL, 240), ('intrusions', 1, NULL), ('fraud/copyright', 5, NULL)
  RETURNING id, type
)
INSERT INTO notice_level (rule, level, days, minutes, act)
SELECT r.id, l.level, l.days, l.minutes, l.act
FROM r JOIN (VALUES
  ('', 1, 1, NULL, 'remind'), ('', 2, 2, NULL, 'remind'), ('', 3, 2, NULL, 'second contact'),
  ('', 4, 1, NULL, 'phone'), ('', 5, 1, NULL, 'overdue'),
  ('availability', 1, NULL, 60, 'remind'), ('availability', 2, NULL, 60, 'second contact'),
  ('availability', 3, NULL, 60, 'phone'), ('availability', 4, NULL, 60, 'overdue'),
  ('intrusions', 1, NULL, 240, 'remind'), ('intrusions', 2, 1, NULL, 'second contact'),
  ('intrusions', 3, NULL, 240, 'phone'), ('intrusions', 4, 1, NULL, 'overdue'),
  ('fraud/copyright', 1, 3, NULL, 'remind'), ('fraud/copyright', 2, 3, NULL, 'remind'),
  ('fraud/copyright', 3, 4, NULL, 'second contact'), ('fraud/copyright', 4, 5, NULL, 'overdue')
) l (type, level, days, minutes, act) ON l.type = r.type;

ALTER TABLE notice
  -- What was done last; from 'phone' on somebody has to call.
  ADD COLUMN stage text NOT NULL DEFAULT 'sent'
    CHECK (stage IN ('sent', 'remind', 'second contact', 'phone', 'overdue')),
  -- The clock starts again: next_at is counted by the timer, from now on.
  ADD COLUMN restart boolean NOT NULL DEFAULT false,
  -- A person answered in words of their own; until it is read, the clock stands.
  ADD COLUMN to_read bigint REFERENCES message,
  -- Somebody called, and this is when the phone list has it no more.
  ADD COLUMN called timestamptz;
DROP INDEX notice_next;
CREATE INDEX notice_next ON notice (next_at) WHERE next_at IS NOT NULL AND to_read IS NULL;
CREATE INDEX notice_to_read ON notice (to_read) WHERE to_read IS NOT NULL;
CREATE INDEX notice_phone ON notice (id) WHERE stage IN ('phone', 'overdue') AND result IS NULL;
CREATE INDEX notice_message ON notice (message);

-- An answer stops the clock, whoever writes it down.
CREATE FUNCTION notice_stops() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.next_at := NULL;
  NEW.restart := false;
  NEW.to_read := NULL;
  NEW.received := coalesce(NEW.received, NEW.result_at);
  RETURN NEW;
END $$;
CREATE TRIGGER notice_stops BEFORE UPDATE OF result ON notice
  FOR EACH ROW WHEN (NEW.result IS NOT NULL) EXECUTE FUNCTION notice_stops();

-- So does closing the ticket, by whatever way; opening it again starts the
-- clock of what is not answered.
CREATE FUNCTION notice_ticket_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_active(NEW.status) THEN
    UPDATE notice SET next_at = now(), restart = true
    WHERE ticket = NEW.number AND result IS NULL AND next_at IS NULL AND stage <> 'overdue'
      AND id = (SELECT max(id) FROM notice WHERE ticket = NEW.number);
  ELSE
    UPDATE notice SET next_at = NULL, restart = false WHERE ticket = NEW.number AND next_at IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER notice_ticket_moved AFTER UPDATE OF status ON ticket
  FOR EACH ROW WHEN (is_active(OLD.status) <> is_active(NEW.status))
  EXECUTE FUNCTION notice_ticket_moved();

-- The desk writes to the party: what it asked for is answered (NEED-MORE),
-- what it wrote is read, and the clock goes on.  The result stays in the
-- ticket's history.
CREATE FUNCTION notice_desk_wrote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE notice SET result = NULL, result_at = NULL, result_by = NULL, to_read = NULL,
    next_at = CASE WHEN stage <> 'overdue' THEN now() END, restart = stage <> 'overdue'
  WHERE ticket = NEW.ticket AND id = (SELECT max(id) FROM notice WHERE ticket = NEW.ticket)
    AND (result = 'NEED-MORE' OR (result IS NULL AND to_read IS NOT NULL))
    AND EXISTS (SELECT FROM ticket t WHERE t.number = NEW.ticket AND is_active(t.status));
  RETURN NULL;
END $$;
CREATE TRIGGER notice_desk_wrote AFTER INSERT ON message
  FOR EACH ROW WHEN (NEW.direction = 'out' AND NEW.purpose = 'reply' AND NEW.ticket IS NOT NULL)
  EXECUTE FUNCTION notice_desk_wrote();

-- The desk's lists: the last notice of each ticket that is not closed.
CREATE FUNCTION notice_matching(want text) RETURNS SETOF notice LANGUAGE sql STABLE AS $$
  SELECT n.* FROM notice n JOIN ticket t ON t.number = n.ticket
  WHERE is_active(t.status)
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
