-- Addresses that many hosts share, and addresses that are one host each, as
-- members tell us.  Not a column of prefix: a pool is often smaller than the
-- prefix it stands in, and imports write prefixes anew.
ALTER TABLE prefix DROP COLUMN nat;
CREATE TABLE nat (
  net      cidr PRIMARY KEY,
  shared   boolean NOT NULL,              -- the longest net that holds an address decides
  note     text NOT NULL DEFAULT '',      -- who said so
  made     timestamptz NOT NULL DEFAULT now(),
  made_by  bigint REFERENCES principal
);
CREATE INDEX nat_net ON nat USING spgist (net inet_ops);
