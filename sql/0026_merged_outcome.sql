-- What is merged into another has not come out: the other one will.
DROP TRIGGER ticket_came_out ON ticket;
CREATE TRIGGER ticket_came_out AFTER UPDATE OF status ON ticket
  FOR EACH ROW WHEN (NEW.kind IN ('report', 'investigation') AND OLD.status <> NEW.status
    AND NEW.merged_into IS NULL AND (NEW.status = 'resolved' OR OLD.status = 'resolved'))
  EXECUTE FUNCTION ticket_came_out();
