-- The rows of a campaign are evidence that is on no ticket while it is a
-- draft.  On a restricted incident they are, or everybody would read them
-- among the messages.
CREATE FUNCTION draft_restricts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'campaign' THEN
    UPDATE message SET ticket = NEW.incident
    WHERE id = NEW.message AND ticket IS NULL
      AND EXISTS (SELECT FROM ticket t WHERE t.number = NEW.incident AND t.restricted);
  ELSE
    UPDATE message m SET ticket = c.incident FROM campaign c
    WHERE c.incident = NEW.number AND m.id = c.message AND m.ticket IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER draft_restricts AFTER INSERT ON campaign
  FOR EACH ROW WHEN (NEW.incident IS NOT NULL) EXECUTE FUNCTION draft_restricts();
CREATE TRIGGER draft_restricts AFTER UPDATE OF restricted ON ticket
  FOR EACH ROW WHEN (NEW.restricted AND NOT OLD.restricted AND NEW.kind = 'incident')
  EXECUTE FUNCTION draft_restricts();
