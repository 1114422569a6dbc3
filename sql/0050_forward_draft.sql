-- A mail of a ticket that is sent on is drafted, too, one draft to each mail:
-- its party is the number of that.
ALTER TABLE draft DROP CONSTRAINT draft_check;
ALTER TABLE draft ADD CONSTRAINT draft_check CHECK (form IN ('reply', 'comment', 'notify', 'forward')
  AND (form IN ('notify', 'forward')) = (party <> ''));
