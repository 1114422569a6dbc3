-- Whose address is it?  Members, their prefixes through time, their contacts.

CREATE TABLE organisation (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name     text NOT NULL CHECK (name <> ''),
  handle   text NOT NULL CHECK (handle ~ '^[a-z0-9][a-z0-9-]*$'),  -- "univ-north", key of imports
  notes    text NOT NULL DEFAULT '',
  created  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (handle)
);

-- Nested prefixes are normal; one prefix has one holder at a time, and past
-- holders stay: a report about last month goes to last month's holder.
CREATE TABLE prefix (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  net           cidr NOT NULL,
  organisation  bigint NOT NULL REFERENCES organisation,
  period        tstzrange NOT NULL DEFAULT tstzrange(NULL, NULL),
  CHECK (NOT isempty(period)),
  EXCLUDE USING gist (net inet_ops WITH =, period WITH &&)
);
-- SP-GiST answers "which prefixes hold this address" 100 times faster than GiST.
CREATE INDEX prefix_net ON prefix USING spgist (net inet_ops);
CREATE INDEX prefix_organisation ON prefix (organisation);

CREATE TABLE organisation_domain (
  domain        text PRIMARY KEY CHECK (domain = lower(domain)),
  organisation  bigint NOT NULL REFERENCES organisation
);
CREATE INDEX organisation_domain_org ON organisation_domain (organisation);

CREATE TABLE contact (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation  bigint NOT NULL REFERENCES organisation,
  role          text NOT NULL DEFAULT 'security'
                CHECK (role IN ('security', 'copyright', 'management', 'technical')),
  name          text NOT NULL DEFAULT '',
  email         text NOT NULL CHECK (email <> ''),
  phone         text NOT NULL DEFAULT '',
  removed_at    timestamptz,
  created       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX contact_once ON contact (organisation, role, lower(email)) WHERE removed_at IS NULL;
CREATE INDEX contact_email ON contact (lower(email)) WHERE removed_at IS NULL;

-- The longest prefix that held the address at that time.
CREATE FUNCTION holder_of(addr inet, at timestamptz)
RETURNS TABLE (organisation bigint, net cidr)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT p.organisation, p.net FROM prefix p
  WHERE p.net >>= addr AND p.period @> at
  ORDER BY masklen(p.net) DESC LIMIT 1
$$;
