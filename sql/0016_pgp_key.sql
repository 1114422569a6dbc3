-- Public keys that the team knows: whose a signature is, this table says.

CREATE TABLE pgp_key (
  fingerprint   text PRIMARY KEY CHECK (fingerprint ~ '^[0-9A-F]{40,64}$'),
  key_ids       text[] NOT NULL,              -- 16 hex digits each: the primary key's and the subkeys'
  uid           text,                         -- as people read it
  addresses     text[] NOT NULL DEFAULT '{}', -- mail from these may be signed with it; lower-case domain
  organisation  bigint REFERENCES organisation,
  own           boolean NOT NULL DEFAULT false, -- the team's: what others encrypt to
  source        text NOT NULL,                -- where it came from
  added_by      text NOT NULL,
  added         timestamptz NOT NULL DEFAULT now(),
  expires       timestamptz,
  revoked       boolean NOT NULL DEFAULT false,
  data          text NOT NULL                 -- armored
);
CREATE INDEX pgp_key_ids ON pgp_key USING gin (key_ids);
CREATE TRIGGER pgp_key_public AFTER INSERT OR UPDATE OR DELETE ON pgp_key
  FOR EACH STATEMENT EXECUTE FUNCTION public_changed();

-- Messages that a key which comes later lets us check.
CREATE INDEX message_unknown_key ON message (id)
  WHERE inspect @? '$.signatures[*] ? (@.state == "unknown-key" || @.state == "unchecked")';
