-- Who may do what, and who did it.

CREATE TABLE principal (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind          text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'token')),
  email         text CHECK (email = lower(email)),          -- login of a person
  name          text NOT NULL CHECK (name <> ''),            -- shown on pages
  role          text NOT NULL CHECK (role IN ('viewer', 'analyst', 'lead', 'admin')),
  password_hash text,                                        -- argon2id; NULL: cannot log in
  token_hash    text UNIQUE,                                 -- SHA-256 of an API bearer token
  disabled_at   timestamptz,
  last_seen     timestamptz,
  created       timestamptz NOT NULL DEFAULT now(),
  CHECK ((kind = 'person') = (email IS NOT NULL)),
  CHECK ((kind = 'token') = (token_hash IS NOT NULL))
);
CREATE UNIQUE INDEX principal_email ON principal (email);
CREATE UNIQUE INDEX principal_token_name ON principal (name) WHERE kind = 'token';

CREATE TABLE session (
  token_hash  text PRIMARY KEY,              -- SHA-256 of the cookie
  principal   bigint NOT NULL REFERENCES principal,
  csrf        text NOT NULL,                 -- goes into every form
  created     timestamptz NOT NULL DEFAULT now(),
  last_seen   timestamptz NOT NULL DEFAULT now(),
  client      text NOT NULL DEFAULT ''       -- address at login
);
CREATE INDEX session_principal ON session (principal);

-- Failed logins by account and by client address; a success clears its row.
CREATE TABLE login_throttle (
  key       text PRIMARY KEY,
  failures  int NOT NULL DEFAULT 0,
  last      timestamptz NOT NULL DEFAULT now()
);

-- Token buckets for everything the outside can ask for (forms, mails).
CREATE TABLE rate_bucket (
  key      text PRIMARY KEY,
  tokens   double precision NOT NULL,
  updated  timestamptz NOT NULL DEFAULT now()
);

-- Append-only: what was done, by whom, old and new value.
CREATE TABLE audit (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL DEFAULT now(),
  principal bigint REFERENCES principal,     -- NULL: the system itself
  actor     text NOT NULL,                   -- name at that time
  action    text NOT NULL,                   -- "ticket.status", "message.in", ...
  ticket    bigint,
  advisory  bigint,
  object    text,                            -- what else it was about
  old       text,
  new       text
);
CREATE INDEX audit_ticket ON audit (ticket, id) WHERE ticket IS NOT NULL;
CREATE INDEX audit_advisory ON audit (advisory, id) WHERE advisory IS NOT NULL;

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- Small facts of the installation: "demo" = when the demo data was loaded.
CREATE TABLE site_fact (
  key    text PRIMARY KEY,
  value  text NOT NULL
);
