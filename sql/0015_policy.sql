-- RSIT has digits too: "malicious-code/c2-server".
ALTER TABLE feed_policy DROP CONSTRAINT feed_policy_type_check,
  ADD CONSTRAINT feed_policy_type_check CHECK (type ~ '^[a-z-]+(/[a-z0-9-]+)?$');
