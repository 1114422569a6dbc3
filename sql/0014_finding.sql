-- Feeds become findings.  A feed is a report with many rows that comes again
-- and again (Shadowserver and the like).  A row is one sighting of a finding:
-- one weakness or infection at one address of one member.  What an analyst or
-- a member hears of it is decided by the policy, not by the mail.

-- Who waits for an answer only: tickets that our own mail hangs on.  They are
-- born closed, and the first reply opens them.
ALTER TABLE ticket ADD COLUMN standing boolean NOT NULL DEFAULT false;
ALTER TABLE ticket DROP CONSTRAINT ticket_how_reported_check,
  ADD CONSTRAINT ticket_how_reported_check
  CHECK (how_reported IN ('email', 'web', 'telephone', 'api', 'feed', 'other'));

-- feed: its rows went to findings; filed: kept and searchable, nothing to do
-- (aggregate reports).
ALTER TABLE message DROP CONSTRAINT message_disposition_check,
  ADD CONSTRAINT message_disposition_check CHECK (disposition IN
    ('report', 'reply', 'bounce', 'robot', 'command', 'junk', 'duplicate', 'feed', 'filed'));
CREATE INDEX message_feed ON message (disposition, id DESC) WHERE disposition IN ('feed', 'filed');

-- One row a feed that ever came.  Intake locks it first, so that mails of one
-- feed follow each other.
CREATE TABLE feed (
  name         text PRIMARY KEY,               -- "shadowserver/scan_mysql"
  first_time   timestamptz NOT NULL,           -- of its rows, earliest and
  last_time    timestamptz NOT NULL,           -- latest: how far it has looked
  received     timestamptz NOT NULL DEFAULT now()  -- of its last mail
);

CREATE FUNCTION severity_rank(severity text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3
    WHEN 'low' THEN 2 WHEN 'info' THEN 1 ELSE 0 END
$$;

-- What becomes of a row.  NULL matches all.
CREATE TABLE feed_policy (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  feed          text CHECK (feed ~ '^[^[:space:]*]+\*?$'),   -- a name, or its beginning and "*"
  type          text CHECK (type ~ '^[a-z-]+(/[a-z-]+)?$'),  -- RSIT class or "class/type"
  severity      text CHECK (severity IS NULL OR severity_rank(severity) > 0),  -- this one or worse
  organisation  bigint REFERENCES organisation,
  action        text NOT NULL CHECK (action IN
                ('ignore', 'count', 'digest-daily', 'digest-weekly', 'notice', 'ticket')),
  at_least      int NOT NULL DEFAULT 1 CHECK (at_least BETWEEN 1 AND 1000000), -- fewer rows of a member: count
  only_new      boolean NOT NULL DEFAULT false,  -- tell only what is new or came back
  gone_days     int NOT NULL DEFAULT 7 CHECK (gone_days BETWEEN 1 AND 400),
  until         date,                            -- an inhibition: it goes before all others, and ends
  reason        text NOT NULL DEFAULT '',
  changed       timestamptz NOT NULL DEFAULT now(),
  changed_by    text NOT NULL DEFAULT 'installation',
  CHECK (until IS NULL OR (reason <> '' AND action IN ('ignore', 'count'))),
  UNIQUE NULLS NOT DISTINCT (feed, type, severity, organisation, until)
);
CREATE INDEX feed_policy_organisation ON feed_policy (organisation) WHERE organisation IS NOT NULL;
-- What comes becomes a line in the statistics and in the member's digest.
INSERT INTO feed_policy (action, reason)
  VALUES ('digest-daily', 'Where nothing else is said: one digest a member and day.');

-- The most specific rule: one that ends before one that stays, one that names
-- the member before one for all, then by feed (a name, the longest beginning,
-- any), by type (class/type, class, any), by severity (the worst first).
CREATE FUNCTION feed_policy_for(of_feed text, of_type text, of_severity text, of_organisation bigint)
RETURNS SETOF feed_policy LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT p.* FROM feed_policy p
  WHERE (p.feed IS NULL OR p.feed = of_feed
         OR (p.feed LIKE '%*' AND starts_with(of_feed, left(p.feed, -1))))
    AND (p.type IS NULL OR p.type = of_type OR starts_with(of_type, p.type || '/'))
    AND severity_rank(of_severity) >= severity_rank(p.severity)
    AND (p.organisation IS NULL OR p.organisation = of_organisation)
    AND (p.until IS NULL OR p.until >= (now() AT TIME ZONE 'UTC')::date)
  ORDER BY p.until IS NULL, p.organisation IS NULL, p.feed IS NULL, p.feed LIKE '%*',
    length(p.feed) DESC, p.type IS NULL, p.type NOT LIKE '%/%',
    severity_rank(p.severity) DESC, p.until, p.id
  LIMIT 1
$$;

-- What makes two sightings one finding.
CREATE FUNCTION finding_key(organisation bigint, address inet, domain text, port int, type text)
RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT md5(concat_ws('|', coalesce(organisation, 0)::text,
    coalesce(host(address), '@' || domain, ''), coalesce(port, -1)::text, coalesce(type, '')))::uuid
$$;

-- new -> open (seen on a second day) -> gone (its feeds looked for gone_days
-- and did not see it) -> new again when it comes back.
CREATE TABLE finding (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation  bigint REFERENCES organisation,  -- NULL: the row has nothing to look up
  address       inet,
  domain        text,                            -- where there is no address
  port          int CHECK (port BETWEEN 0 AND 65535),
  type          text,
  key           uuid NOT NULL GENERATED ALWAYS AS
                (finding_key(organisation, address, domain, port, type)) STORED,
  feeds         text[] NOT NULL,                 -- that have seen it
  severity      text,                            -- the worst said of it
  first_seen    timestamptz NOT NULL,            -- times of the rows, not of the mails
  last_seen     timestamptz NOT NULL,
  count         bigint NOT NULL,                 -- sightings
  state         text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'gone')),
  opened        timestamptz NOT NULL,            -- first sighting since it is there (again)
  opened_by     bigint NOT NULL,                 -- message with that sighting
  opened_at     timestamptz NOT NULL DEFAULT now(),  -- when we learnt of it
  returns       int NOT NULL DEFAULT 0,          -- times it came back
  gone_seen     timestamptz,                     -- how far its feeds had looked when it was gone
  gone_at       timestamptz,                     -- when we noticed
  told          text NOT NULL DEFAULT 'nothing' CHECK (told IN ('nothing', 'open', 'gone')),
  told_sighting bigint NOT NULL DEFAULT 0,       -- last one that was in a digest
  CHECK (domain IS NULL OR address IS NULL),
  CHECK ((state = 'gone') = (gone_at IS NOT NULL AND gone_seen IS NOT NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX finding_once ON finding (key);
CREATE INDEX finding_organisation ON finding (organisation, state);
CREATE INDEX finding_address ON finding USING spgist (address inet_ops);
CREATE INDEX finding_there ON finding (last_seen) WHERE state <> 'gone';
CREATE INDEX finding_unassigned ON finding (id) WHERE organisation IS NULL;
CREATE INDEX finding_opened_by ON finding (opened_by);

-- The rows, as evidence; what is outside or ignored is only counted.
CREATE TABLE sighting (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  finding  bigint NOT NULL REFERENCES finding ON DELETE CASCADE,
  message  bigint NOT NULL REFERENCES message,
  feed     text NOT NULL,
  "time"   timestamptz NOT NULL,               -- of the row; of its mail when it has none
  verdict  text NOT NULL CHECK (verdict IN ('confirmed', 'probable', 'unassigned')),
  prefix   cidr,                               -- that held the address then
  policy   bigint,                             -- rule that decided; it may be gone since
  row      jsonb COMPRESSION lz4 NOT NULL      -- the members of an event that have a value
);
CREATE INDEX sighting_finding ON sighting (finding, id);
CREATE INDEX sighting_message ON sighting (message);
CREATE INDEX sighting_time ON sighting USING brin ("time");

-- The statistics: what each mail brought, and what the policy made of it.
CREATE TABLE feed_stat (
  message       bigint NOT NULL REFERENCES message,
  feed          text NOT NULL,
  day           date NOT NULL,                 -- UTC, of the feed's latest row in this mail
  type          text,
  severity      text,
  organisation  bigint REFERENCES organisation,
  verdict       text NOT NULL CHECK (verdict IN ('confirmed', 'probable', 'outside', 'unassigned')),
  policy        bigint,
  action        text NOT NULL,                 -- after its threshold; of outside rows count
  rows          int NOT NULL,
  fresh         int NOT NULL                   -- rows of findings that are new or back
);
CREATE INDEX feed_stat_message ON feed_stat (message);
CREATE INDEX feed_stat_day ON feed_stat (day, feed);
CREATE INDEX feed_stat_organisation ON feed_stat (organisation, day) WHERE organisation IS NOT NULL;

-- Where the rows outside were: a prefix that is missing shows here.
CREATE TABLE feed_outside (
  message  bigint NOT NULL REFERENCES message,
  net      cidr NOT NULL,                      -- /24 or /48
  rows     int NOT NULL,
  PRIMARY KEY (message, net)
);

-- One ticket a member, feed and day where the policy asks for one.
CREATE TABLE feed_ticket (
  organisation  bigint REFERENCES organisation,
  feed          text NOT NULL,
  day           date NOT NULL,
  action        text NOT NULL CHECK (action IN ('notice', 'ticket')),
  ticket        bigint NOT NULL REFERENCES ticket,
  UNIQUE NULLS NOT DISTINCT (organisation, feed, day, action)
);
CREATE INDEX feed_ticket_ticket ON feed_ticket (ticket);

-- One a member, kind and day, whoever makes it; message NULL: nothing to tell,
-- or nobody to tell it to.
CREATE TABLE digest (
  organisation  bigint NOT NULL REFERENCES organisation,
  kind          text NOT NULL CHECK (kind IN ('daily', 'weekly')),
  day           date NOT NULL,
  ticket        bigint REFERENCES ticket,
  message       bigint REFERENCES message,
  fresh         int NOT NULL DEFAULT 0,
  still         int NOT NULL DEFAULT 0,
  gone          int NOT NULL DEFAULT 0,
  rows          int NOT NULL DEFAULT 0,        -- lines of its file
  made          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation, kind, day)
);
CREATE INDEX digest_day ON digest (day);

-- What sightings from one time to another are to a finding: "back" after it
-- was gone, "never gone" (a late mail: it was still there), "second day", or
-- nothing of these ("again").
CREATE FUNCTION finding_turn(f finding, first_time timestamptz, last_time timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN f.state = 'gone' AND last_time > f.gone_seen THEN 'back'
    WHEN f.state = 'gone' AND last_time > f.last_seen THEN 'never gone'
    WHEN f.state = 'new' AND
      (greatest(f.last_seen, last_time) AT TIME ZONE 'UTC')::date >
      (least(f.opened, first_time) AT TIME ZONE 'UTC')::date THEN 'second day'
    ELSE 'again' END
$$;
