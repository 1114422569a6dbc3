-- Members beyond their prefixes: contacts by rule, scanners they allow, what
-- else marks an address as ours; and who is responsible for the others.

ALTER TABLE organisation
  ADD COLUMN version int NOT NULL DEFAULT 1;   -- every write checks and raises it

-- What was read from a file, by whom; the file itself is not kept.
CREATE TABLE data_import (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  principal  bigint REFERENCES principal,
  actor      text NOT NULL,
  target     text NOT NULL CHECK (target IN ('members', 'prefixes', 'foreign')),
  format     text NOT NULL CHECK (format IN ('csv', 'rpsl', 'rdap')),
  file       text NOT NULL DEFAULT '',
  sha256     text NOT NULL,
  size       bigint NOT NULL,
  added      bigint NOT NULL DEFAULT 0,
  changed    bigint NOT NULL DEFAULT 0,
  ended      bigint NOT NULL DEFAULT 0,
  unchanged  bigint NOT NULL DEFAULT 0,
  refused    bigint NOT NULL DEFAULT 0         -- orphans and overlaps, left out
);

ALTER TABLE prefix
  ADD COLUMN import  bigint REFERENCES data_import;  -- NULL: by hand

-- How registries call a member: "ORG-UNI1-RIPE", "UNI-NORTH-HALLS".  An
-- import finds the member by it; what it does not find it does not guess.
CREATE TABLE organisation_alias (
  kind          text NOT NULL CHECK (kind IN ('org', 'netname')),
  value         text NOT NULL CHECK (value = upper(value) AND value <> ''),
  organisation  bigint NOT NULL REFERENCES organisation,
  PRIMARY KEY (kind, value)
);
CREATE INDEX organisation_alias_org ON organisation_alias (organisation);

-- A member with a CERT of its own wants reports to go there.
ALTER TABLE contact DROP CONSTRAINT contact_role_check;
ALTER TABLE contact ADD CONSTRAINT contact_role_check
  CHECK (role IN ('cert', 'security', 'copyright', 'management', 'technical'));

-- "Halls of residence go to the halls' office, copyright to the library."
-- The most specific rule wins: longest prefix, then "class/type", then class.
CREATE TABLE contact_rule (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation  bigint NOT NULL REFERENCES organisation,
  net           cidr,                          -- NULL: every address
  type          text CHECK (type ~ '^[a-z-]+(/[a-z0-9-]+)?$'),  -- RSIT; NULL: every type
  role          text CHECK (role IN ('cert', 'security', 'copyright', 'management', 'technical')),
  email         text CHECK (email <> ''),      -- or this address
  name          text NOT NULL DEFAULT '',
  note          text NOT NULL DEFAULT '',      -- "halls of residence"
  period        tstzrange NOT NULL DEFAULT tstzrange(now(), NULL) CHECK (NOT isempty(period)),
  CHECK ((role IS NULL) <> (email IS NULL)),
  CHECK (net IS NOT NULL OR type IS NOT NULL)
);
CREATE INDEX contact_rule_organisation ON contact_rule (organisation);

-- Hosts that a member allows to scan it: such a report is no incident.
CREATE TABLE scanner (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation  bigint NOT NULL REFERENCES organisation,
  net           cidr NOT NULL,
  type          text CHECK (type ~ '^[a-z-]+(/[a-z0-9-]+)?$'),  -- RSIT; NULL: every type
  ports         int4range CHECK (ports <@ int4range(0, 65536)), -- NULL: every port
  reason        text NOT NULL CHECK (reason <> ''),
  period        tstzrange NOT NULL DEFAULT tstzrange(now(), NULL) CHECK (NOT isempty(period))
);
CREATE INDEX scanner_net ON scanner USING spgist (net inet_ops);
CREATE INDEX scanner_organisation ON scanner (organisation);

-- What marks an address or a name as ours where no member's prefix does.
CREATE TABLE constituency_mark (
  kind     text NOT NULL CHECK (kind IN
           ('asn',         -- "64496": what it announces is ours
            'maintainer',  -- mnt-by: of registry objects, upper case
            'mailbox',     -- abuse mailbox of registry objects
            'suffix',      -- "ac.example": names below it
            'exception')), -- "shop.ac.example": but not below this
  value    text NOT NULL CHECK (value <> ''),
  verdict  text NOT NULL DEFAULT 'confirmed' CHECK (verdict IN ('confirmed', 'probable')),
  note     text NOT NULL DEFAULT '',
  PRIMARY KEY (kind, value),
  CHECK (kind <> 'asn' OR value ~ '^(0|[1-9][0-9]{0,9})$'),
  CHECK (CASE kind WHEN 'maintainer' THEN value = upper(value) ELSE value = lower(value) END)
);

-- Which AS announces what: route objects, or a table of a router.
CREATE TABLE route_origin (
  net     cidr NOT NULL,
  asn     bigint NOT NULL CHECK (asn BETWEEN 0 AND 4294967295),
  source  text NOT NULL DEFAULT '',
  import  bigint REFERENCES data_import,
  PRIMARY KEY (net, asn)
);
CREATE INDEX route_origin_net ON route_origin USING spgist (net inet_ops);

-- Address objects of registries (inetnum, inet6num, RDAP "ip network"), ours
-- and others'.  A range is as many rows as it takes prefixes.
CREATE TABLE registry_net (
  net         cidr NOT NULL,
  source      text NOT NULL DEFAULT '',       -- "RIPE"
  object      text NOT NULL,                  -- "192.0.2.0 - 192.0.2.255"
  netname     text NOT NULL DEFAULT '',
  holder      text NOT NULL DEFAULT '',       -- organisation, as named there
  org         text NOT NULL DEFAULT '',       -- its handle there
  country     text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z][A-Z])?$'),
  abuse       text NOT NULL DEFAULT '',       -- address; '': the object names none
  mnt_by      text[] NOT NULL DEFAULT '{}',   -- upper case
  import      bigint REFERENCES data_import,
  PRIMARY KEY (net, source)
);
CREATE INDEX registry_net_net ON registry_net USING spgist (net inet_ops);

-- Our book of other teams; what a person wrote there beats what was imported.
CREATE TABLE foreign_contact (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  net      cidr,
  asn      bigint CHECK (asn BETWEEN 0 AND 4294967295),
  domain   text CHECK (domain = lower(domain)),
  country  text CHECK (country ~ '^[A-Z][A-Z]$'),
  name     text NOT NULL CHECK (name <> ''),
  email    text NOT NULL CHECK (email <> ''),
  phone    text NOT NULL DEFAULT '',
  note     text NOT NULL DEFAULT '',
  import   bigint REFERENCES data_import,
  created  timestamptz NOT NULL DEFAULT now(),
  ended    timestamptz,
  CHECK (num_nonnulls(net, asn, domain, country) = 1)
);
CREATE INDEX foreign_contact_net ON foreign_contact USING spgist (net inet_ops) WHERE ended IS NULL;
CREATE UNIQUE INDEX foreign_contact_once ON foreign_contact
  (coalesce(net::text, ''), coalesce(asn, -1), coalesce(domain, ''), coalesce(country, ''), lower(email))
  WHERE ended IS NULL;
CREATE INDEX foreign_contact_asn ON foreign_contact (asn) WHERE ended IS NULL AND asn IS NOT NULL;
CREATE INDEX foreign_contact_domain ON foreign_contact (domain) WHERE ended IS NULL AND domain IS NOT NULL;
CREATE INDEX foreign_contact_country ON foreign_contact (country) WHERE ended IS NULL AND country IS NOT NULL;

-- What the look-up said when the report came in; changed only by a person
-- who asks for it (audited).
ALTER TABLE event ADD COLUMN scanner bigint REFERENCES scanner;
ALTER TYPE event_given ADD ATTRIBUTE scanner bigint;
-- One word for all events: mixed when they are of several members or verdicts.
ALTER TABLE ticket ADD COLUMN verdict text
  CHECK (verdict IN ('confirmed', 'probable', 'outside', 'mixed'));

-- Does an RSIT "class/type" fall under a class or a "class/type"?
CREATE FUNCTION type_within(kind text, pattern text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT pattern IS NULL OR kind = pattern OR starts_with(kind, pattern || '/')
$$;

-- A name and each one above it: a.b.example, b.example, example.
CREATE FUNCTION domain_and_above(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT array_agg(array_to_string(label[i:], '.'))
  FROM string_to_array(right(name, 253), '.') label, generate_subscripts(label, 1) i
$$;

-- Whom a member wants to be told of an event: all contacts of the first step
-- that has any.  Steps: its rules, the most specific first; its copyright
-- contact for copyright; its own CERT; security; management.  Never anybody
-- else.  at: whose contacts then; notices ask for now().
CREATE FUNCTION contact_for(org bigint, addr inet, kind text, at timestamptz)
RETURNS TABLE (role text, name text, email text, phone text, reason text)
LANGUAGE sql STABLE ROWS 2 AS $$
  WITH step AS (
    SELECT row_number() OVER (ORDER BY masklen(r.net) DESC NULLS LAST, length(r.type) DESC NULLS LAST, r.id) AS n,
      r.role, r.email, r.name,
      'rule for ' || concat_ws(', ', r.net::text, r.type, nullif(r.note, '')) AS reason
    FROM contact_rule r
    WHERE r.organisation = org AND r.period @> at
      AND (r.net IS NULL OR r.net >>= addr) AND type_within(kind, r.type)
    UNION ALL
    SELECT 100000 + x.n, x.role, NULL, NULL, x.reason
    FROM (VALUES (1, 'copyright', 'its contact for copyright'),
                 (2, 'cert', 'its own CERT'),
                 (3, 'security', 'its security contact'),
                 (4, 'management', 'its management: it has no security contact')) x (n, role, reason)
    WHERE x.role <> 'copyright' OR kind = 'fraud/copyright'
  ), found AS (
    SELECT s.n, s.role, s.name, s.email, '' AS phone, s.reason FROM step s WHERE s.email IS NOT NULL
    UNION ALL
    SELECT s.n, c.role, c.name, c.email, c.phone, s.reason
    FROM step s JOIN contact c ON c.organisation = org AND c.role = s.role
      AND c.created <= at AND (c.removed_at IS NULL OR c.removed_at > at)
  )
  SELECT coalesce(f.role, 'rule'), f.name, f.email, f.phone, f.reason
  FROM found f WHERE f.n = (SELECT min(n) FROM found) ORDER BY f.email
$$;

-- Whom to tell of an address outside, the best first.  Our book by prefix;
-- what a registry says of the longest prefix that names anybody; our book by
-- AS, by domain, by country.
CREATE FUNCTION foreign_contact_for(addr inet, name text)
RETURNS TABLE (n int, holder text, email text, phone text, country text, net cidr, source text, reason text)
LANGUAGE sql STABLE ROWS 3 AS $$
  WITH r AS (
    SELECT r.* FROM registry_net r WHERE r.net >>= addr
    ORDER BY masklen(r.net) DESC, r.source LIMIT 20
  ), o AS (
    SELECT o.asn, o.net FROM route_origin o WHERE o.net >>= addr
    ORDER BY masklen(o.net) DESC LIMIT 1
  )
  SELECT * FROM (
    (SELECT 1, b.name, b.email, b.phone, coalesce(b.country, ''), b.net, 'our book', 'our book of teams has ' || b.net
     FROM foreign_contact b WHERE b.ended IS NULL AND b.net >>= addr
     ORDER BY masklen(b.net) DESC, b.id LIMIT 1)
    UNION ALL
    (SELECT 2, r.holder, r.abuse, '', r.country, r.net, r.source, 'abuse contact of ' || r.object || ' ' || r.netname
     FROM r WHERE r.abuse <> '' LIMIT 1)
    UNION ALL
    (SELECT 3, b.name, b.email, b.phone, '', o.net, 'our book', 'our book of teams has AS' || o.asn || ', which announces ' || o.net
     FROM o JOIN foreign_contact b ON b.ended IS NULL AND b.asn = o.asn ORDER BY b.id LIMIT 1)
    UNION ALL
    (SELECT 4, b.name, b.email, b.phone, '', NULL::cidr, 'our book', 'our book of teams has ' || b.domain
     FROM foreign_contact b WHERE b.ended IS NULL AND b.domain = ANY (domain_and_above(lower(foreign_contact_for.name)))
     ORDER BY length(b.domain) DESC, b.id LIMIT 1)
    UNION ALL
    (SELECT 5, b.name, b.email, b.phone, b.country, NULL::cidr, 'our book', 'our book of teams has ' || b.country || ', the country of ' || c.object
     FROM (SELECT r.country, r.object FROM r WHERE r.country <> '' LIMIT 1) c
     JOIN foreign_contact b ON b.ended IS NULL AND b.country = c.country ORDER BY b.id LIMIT 1)
  ) x (n, holder, email, phone, country, net, source, reason)
  ORDER BY n
$$;

-- What else makes it ours when no member's prefix holds it: the basis, the
-- verdict, the member if one is known, the net and what was found; basis is
-- NULL when nothing does.  PL/pgSQL and in steps, because the query of every
-- intake calls it: it is planned once a session, starts nothing where a
-- member's prefix is found, and a step that is not reached costs nothing.
CREATE FUNCTION ours_otherwise(addr inet, name text, OUT basis text, OUT verdict text,
  OUT organisation bigint, OUT holder text, OUT net cidr, OUT what text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  names text[];
  object record;
BEGIN
  IF addr IS NOT NULL THEN
    -- The longest announced prefix decides, not a shorter one of ours.
    SELECT o.net INTO net FROM route_origin o WHERE o.net >>= addr
    ORDER BY masklen(o.net) DESC LIMIT 1;
    IF FOUND THEN
      SELECT 'route', m.verdict, 'AS' || o.asn INTO basis, verdict, what
      FROM route_origin o JOIN constituency_mark m ON m.kind = 'asn' AND m.value = o.asn::text
      WHERE o.net = ours_otherwise.net LIMIT 1;
      IF FOUND THEN RETURN; END IF;
      net := NULL;
    END IF;
    SELECT r.* INTO object FROM registry_net r WHERE r.net >>= addr
    ORDER BY masklen(r.net) DESC, r.source LIMIT 1;
    IF FOUND THEN
      SELECT 'registry', m.verdict, object.net, object.object || ' (' || m.kind || ' ' || m.value || ')'
      INTO basis, verdict, net, what
      FROM constituency_mark m
      WHERE (m.kind = 'maintainer' AND m.value = ANY (object.mnt_by))
        OR (m.kind = 'mailbox' AND m.value = lower(object.abuse))
      ORDER BY m.kind, m.value LIMIT 1;
      IF FOUND THEN RETURN; END IF;
    END IF;
  END IF;
  IF name IS NOT NULL THEN
    names := domain_and_above(name);
    SELECT 'domain', 'probable', d.organisation, o.name, d.domain
    INTO basis, verdict, organisation, holder, what
    FROM organisation_domain d JOIN organisation o ON o.id = d.organisation
    WHERE d.domain = ANY (names) ORDER BY length(d.domain) DESC LIMIT 1;
    IF FOUND THEN RETURN; END IF;
    SELECT m.kind, m.verdict, m.value INTO basis, verdict, what
    FROM constituency_mark m
    WHERE m.kind IN ('suffix', 'exception') AND m.value = ANY (names)
    ORDER BY length(m.value) DESC, m.kind LIMIT 1;
    IF basis = 'exception' THEN
      basis := NULL;
      verdict := NULL;
      what := NULL;
    END IF;
  END IF;
END
$$;
