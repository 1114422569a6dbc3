-- How a member wants the rows of a notice: one CSV file, XARF 4 files of a row
-- each, or both.
ALTER TABLE organisation ADD COLUMN attach text NOT NULL DEFAULT 'csv'
  CHECK (attach IN ('csv', 'xarf', 'both'));
