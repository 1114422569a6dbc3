-- What somebody owns is read from the index alone, whoever may see it.
DROP INDEX ticket_mine;
CREATE INDEX ticket_mine ON ticket (owner, due, number) INCLUDE (restricted)
  WHERE status NOT IN ('resolved', 'rejected', 'abandoned', 'removed')
    AND grouped_into IS NULL AND NOT held AND owner IS NOT NULL;
