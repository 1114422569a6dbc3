-- A ticket gets another type: its rows of the type that it had follow, and
-- follow back when that is undone.  (Only then: intake writes both itself.)
CREATE FUNCTION ticket_type_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT act FROM deed WHERE id = deed_now()) IN ('classify', 'undo') THEN
    UPDATE event SET type = NEW.type
    WHERE ticket = NEW.number AND type IS NOT DISTINCT FROM OLD.type;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_type_changed AFTER UPDATE OF type ON ticket
  FOR EACH ROW WHEN (OLD.type IS DISTINCT FROM NEW.type)
  EXECUTE FUNCTION ticket_type_changed();
