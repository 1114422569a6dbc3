-- Campaigns: one matter, told to every organisation concerned in one act, each
-- with its own rows alone (server/core/campaign/campaign.h).

CREATE TABLE campaign (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title      text NOT NULL CHECK (title <> ''),
  type       text NOT NULL,                  -- RSIT, of what it asks and of rows without one
  tlp        text CHECK (tlp IN ('RED', 'AMBER+STRICT', 'AMBER', 'GREEN', 'CLEAR')),
  words      text NOT NULL DEFAULT '',       -- what to do, as the mails say; '': as for any notice
  incident   bigint REFERENCES ticket,       -- NULL: made when it is sent
  advisory   bigint REFERENCES advisory,     -- that says more
  source     text NOT NULL CHECK (source IN ('paste', 'csv', 'search', 'findings')),
  query      text,                           -- what was searched for
  message    bigint NOT NULL REFERENCES message,  -- the evidence: what was pasted, or found
  state      text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sent', 'abandoned')),
  principal  bigint REFERENCES principal,    -- who made it
  actor      text NOT NULL,
  created    timestamptz NOT NULL DEFAULT now(),
  sent_at    timestamptz,
  version    int NOT NULL DEFAULT 1,         -- every write checks and raises it
  CHECK (state <> 'sent' OR (incident IS NOT NULL AND sent_at IS NOT NULL))
);
CREATE INDEX campaign_incident ON campaign (incident) WHERE incident IS NOT NULL;

-- Its rows, as an event will have them.  What was not understood is kept, too:
-- verdict 'refused', and the reason is why.
CREATE TABLE campaign_row (
  campaign  bigint NOT NULL REFERENCES campaign,
  n         int NOT NULL,                    -- from 1, in their order
  party     int,                             -- NULL: concerns nobody we know
  finding   bigint REFERENCES finding ON DELETE SET NULL,
  event     bigint REFERENCES event,         -- once it is sent
  LIKE event_given,
  PRIMARY KEY (campaign, n)
);
CREATE INDEX campaign_row_party ON campaign_row (campaign, party, n);
CREATE INDEX campaign_row_finding ON campaign_row (finding) WHERE finding IS NOT NULL;
CREATE INDEX campaign_row_event ON campaign_row (event) WHERE event IS NOT NULL;

-- Whom they concern: members, then those responsible for addresses outside.
CREATE TABLE campaign_party (
  campaign      bigint NOT NULL REFERENCES campaign,
  n             int NOT NULL,
  key           text NOT NULL,               -- a member's handle, or an address for mail
  organisation  bigint REFERENCES organisation,  -- NULL: outside
  name          text NOT NULL,
  reason        text,                        -- of an address outside
  rows          int NOT NULL,
  chosen        boolean,                     -- NULL: as is usual (a member, not told of it yet)
  ticket        bigint REFERENCES ticket,    -- the investigation; NULL: was not told
  message       bigint REFERENCES message,
  PRIMARY KEY (campaign, n)
);
CREATE INDEX campaign_party_ticket ON campaign_party (ticket) WHERE ticket IS NOT NULL;

-- Four hundred investigations hang on one incident in one statement: what
-- follows from links is done once for all of them, not once for each, for
-- each would look at all that hang there already.  The log is the same.
DROP TRIGGER link_changed ON ticket_link;
DROP FUNCTION link_changed();
CREATE FUNCTION links_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO deed_change (deed, ticket, field, item, new)
    SELECT deed_now(), child, 'link', incident, incident FROM changed ORDER BY child, incident;
  ELSE
    INSERT INTO deed_change (deed, ticket, field, item, old)
    SELECT deed_now(), child, 'link', incident, incident FROM changed ORDER BY child, incident;
  END IF;
  UPDATE ticket t SET held = h.held
  FROM (SELECT c.child, EXISTS (SELECT FROM ticket_link l JOIN ticket i ON i.number = l.incident
          WHERE l.child = c.child AND is_active(i.status)) AS held
        FROM (SELECT DISTINCT child FROM changed) c) h
  WHERE t.number = h.child AND t.held <> h.held;
  PERFORM case_roll_up(c.incident) FROM (SELECT DISTINCT incident FROM changed) c;
  RETURN NULL;
END $$;
CREATE TRIGGER links_made AFTER INSERT ON ticket_link
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION links_changed();
CREATE TRIGGER links_gone AFTER DELETE ON ticket_link
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION links_changed();

DROP TRIGGER about_changed ON ticket_about;
DROP FUNCTION about_changed();
CREATE FUNCTION abouts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO deed_change (deed, ticket, field, item, new)
    SELECT deed_now(), ticket, 'about', event, ticket FROM changed ORDER BY ticket, event;
  ELSE
    INSERT INTO deed_change (deed, ticket, field, item, old)
    SELECT deed_now(), ticket, 'about', event, ticket FROM changed ORDER BY ticket, event;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER abouts_made AFTER INSERT ON ticket_about
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION abouts_changed();
CREATE TRIGGER abouts_gone AFTER DELETE ON ticket_about
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION abouts_changed();
