-- The two lists, their subscribers, and the advisories that go to them.

CREATE TABLE list (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]*$'),  -- local part of its addresses
  title        text NOT NULL,
  description  text NOT NULL DEFAULT '',
  policy       text NOT NULL CHECK (policy IN ('open', 'closed')),
  max_tlp      text NOT NULL CHECK (max_tlp IN ('AMBER', 'GREEN', 'CLEAR'))
);
INSERT INTO list (name, title, description, policy, max_tlp) VALUES
  ('contacts', 'Security contacts',
   'Requests for action and warnings to the registered security contacts of member organisations.',
   'closed', 'AMBER'),
  ('advisories', 'Advisories',
   'Security advisories for everyone who runs systems on the network or elsewhere.',
   'open', 'GREEN');

CREATE TABLE subscriber (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list          bigint NOT NULL REFERENCES list,
  email         text NOT NULL CHECK (email <> ''),
  name          text NOT NULL DEFAULT '',
  organisation  bigint REFERENCES organisation,
  status        text NOT NULL CHECK (status IN ('pending', 'active', 'suspended', 'left')),
  source        text NOT NULL CHECK (source IN ('web', 'mail', 'import', 'contact', 'staff', 'demo')),
  added_by      bigint REFERENCES principal,   -- who imported or added it
  added_by_name text,                          -- "tocsinctl (root)", "web form"
  created       timestamptz NOT NULL DEFAULT now(),
  confirmed     timestamptz,
  left_at       timestamptz,
  bounces       int NOT NULL DEFAULT 0,
  last_bounce   timestamptz
);
CREATE UNIQUE INDEX subscriber_once ON subscriber (list, lower(email));
CREATE INDEX subscriber_active ON subscriber (list, id) WHERE status = 'active';

-- One-time links: one purpose, one address, one list, an end.
CREATE TABLE confirmation (
  token_hash  text PRIMARY KEY,
  list        bigint NOT NULL REFERENCES list,
  email       text NOT NULL,
  purpose     text NOT NULL CHECK (purpose IN ('subscribe')),
  created     timestamptz NOT NULL DEFAULT now(),
  expires     timestamptz NOT NULL,
  used        timestamptz
);
CREATE INDEX confirmation_email ON confirmation (lower(email), created);

CREATE TABLE topic (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]*$'),
  title        text NOT NULL,
  description  text NOT NULL DEFAULT ''
);
INSERT INTO topic (slug, title, description) VALUES
  ('incident-response', 'incident response',
   'Guidance, advisories and figures from the incident response team.');

CREATE SEQUENCE advisory_number START 1;

CREATE TABLE advisory (
  number       bigint PRIMARY KEY DEFAULT nextval('advisory_number'),
  title        text NOT NULL CHECK (title <> ''),
  body         text NOT NULL,                  -- Markdown
  tlp          text NOT NULL CHECK (tlp IN ('RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR')),
  lists        text[] NOT NULL,
  topics       text[] NOT NULL DEFAULT '{}',
  cves         text[] NOT NULL DEFAULT '{}',
  state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'approved', 'issued')),
  author       bigint NOT NULL REFERENCES principal,
  edited_by    bigint NOT NULL REFERENCES principal,
  approved_by  bigint REFERENCES principal,
  approved     timestamptz,
  issued_by    bigint REFERENCES principal,
  issued       timestamptz,
  message      bigint REFERENCES message,      -- the frozen bytes
  created      timestamptz NOT NULL DEFAULT now(),
  updated      timestamptz NOT NULL DEFAULT now(),
  version      int NOT NULL DEFAULT 1,
  -- Four eyes are a rule of the database, not only of the program.
  CHECK (approved_by IS NULL OR (approved_by <> author AND approved_by <> edited_by)),
  CHECK ((state = 'draft') = (approved_by IS NULL)),
  CHECK ((state = 'issued') = (message IS NOT NULL)),
  CHECK (cardinality(lists) > 0)
);

-- What was approved is what goes out: an edit voids the approval.
CREATE FUNCTION advisory_edit_voids_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.title, NEW.body, NEW.tlp, NEW.lists, NEW.topics, NEW.cves)
     IS DISTINCT FROM (OLD.title, OLD.body, OLD.tlp, OLD.lists, OLD.topics, OLD.cves) THEN
    IF OLD.state = 'issued' THEN
      RAISE EXCEPTION 'an issued advisory cannot be changed';
    END IF;
    NEW.state := 'draft';
    NEW.approved_by := NULL;
    NEW.approved := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER advisory_edit BEFORE UPDATE ON advisory
  FOR EACH ROW EXECUTE FUNCTION advisory_edit_voids_approval();

-- What the public may read: guidance and advisories, TLP:CLEAR only.
CREATE TABLE item (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]*$'),
  kind       text NOT NULL CHECK (kind IN ('guidance', 'advisory', 'statistics')),
  title      text NOT NULL,
  author     text NOT NULL DEFAULT 'Anonymous',
  body       text NOT NULL,                    -- Markdown
  teaser     text NOT NULL CHECK (length(teaser) <= 600),
  tlp        text NOT NULL DEFAULT 'CLEAR' CHECK (tlp = 'CLEAR'),
  advisory   bigint UNIQUE REFERENCES advisory,
  guid       text NOT NULL UNIQUE,             -- never changes: tag: URI of the feed entry
  published  timestamptz NOT NULL DEFAULT now(),
  updated    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE item_topic (
  topic  bigint NOT NULL REFERENCES topic,
  item   bigint NOT NULL REFERENCES item,
  PRIMARY KEY (topic, item)
);
CREATE INDEX item_newest ON item (published DESC, id DESC);

-- Every host drops its rendered pages when something public changed.
CREATE FUNCTION public_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY tocsin_public;
  RETURN NULL;
END $$;
CREATE TRIGGER item_public AFTER INSERT OR UPDATE OR DELETE ON item
  FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
CREATE TRIGGER item_topic_public AFTER INSERT OR UPDATE OR DELETE ON item_topic
  FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
CREATE TRIGGER topic_public AFTER INSERT OR UPDATE OR DELETE ON topic
  FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
CREATE TRIGGER list_public AFTER INSERT OR UPDATE OR DELETE ON list
  FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
