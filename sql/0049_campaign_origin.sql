-- The ticket that a row of a search came from: it may be restricted later, and
-- what an advisory says to whom is for many eyes.  (No foreign key, by which
-- the desk's view would leave the row out of a campaign that was sent.)
ALTER TABLE campaign_row ADD COLUMN origin bigint;
