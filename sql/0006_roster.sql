-- How a subscription ended.  Who left by himself is not added again by an
-- import or because he is a registered contact; the others may be.
ALTER TABLE subscriber ADD COLUMN left_how text
  CHECK (left_how IN ('self', 'staff', 'mirror', 'expired'));
ALTER TABLE subscriber ADD CONSTRAINT subscriber_left
  CHECK (left_how IS NULL OR left_at IS NOT NULL);
