-- The history of a member, for its page: what the audit trail has of it.
-- Rows of tickets and advisories, which are many, are found by those.
CREATE INDEX audit_object ON audit (object, id) WHERE ticket IS NULL AND advisory IS NULL;

-- Members whose name, handle, domain or contact has these words, or that
-- hold an address or a part of a prefix.  Inlined by the planner.
CREATE FUNCTION organisation_matching(words text, addr inet)
RETURNS SETOF organisation LANGUAGE sql STABLE AS $$
  SELECT o.* FROM organisation o
  WHERE (words IS NULL OR o.name ILIKE '%' || words || '%' OR o.handle ILIKE '%' || words || '%'
         OR o.id IN (SELECT d.organisation FROM organisation_domain d WHERE d.domain ILIKE '%' || words || '%')
         OR o.id IN (SELECT c.organisation FROM contact c
                     WHERE c.removed_at IS NULL AND c.email ILIKE '%' || words || '%'))
    AND (addr IS NULL OR o.id IN (SELECT p.organisation FROM prefix p
                                  WHERE p.net >>= addr AND p.period @> now())
         OR o.id IN (SELECT p.organisation FROM prefix p WHERE p.net << addr AND p.period @> now()))
$$;

-- The rule of one holder as before, but on expressions that mean the same
-- and that no look-up has: with a plan made before its arguments are known,
-- as intake's is, the planner thought the rule's GiST index as good as
-- prefix_net, and each look-up took ten times as long.
ALTER TABLE prefix DROP CONSTRAINT prefix_net_period_excl;
ALTER TABLE prefix ADD CONSTRAINT prefix_one_holder
  EXCLUDE USING gist (network(net) inet_ops WITH =, (period * '(,)'::tstzrange) WITH &&);
