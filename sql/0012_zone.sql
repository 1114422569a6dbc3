-- How the zone of a time is settled, who has to be asked, what is complete.

ALTER TABLE event
  ADD COLUMN zone_name text,  -- by which the text was read: "UTC", "+01:00", "Europe/London"; NULL: as the report says
  ADD COLUMN as_given boolean NOT NULL DEFAULT false, -- goes to the member as written, "zone not stated"
  ADD CONSTRAINT event_zone_name CHECK (zone_name IS NULL OR zone IN ('rule', 'chosen')),
  ADD CONSTRAINT event_as_given CHECK (NOT as_given OR zone = 'unknown');
ALTER TYPE event_given ADD ATTRIBUTE zone_name text;

-- Do several hosts share each address?  NULL: the member has not said.
ALTER TABLE prefix ADD COLUMN nat boolean;

ALTER TABLE ticket
  ADD COLUMN completeness smallint CHECK (completeness BETWEEN 0 AND 100), -- NULL: from before it was counted
  ADD COLUMN waiting_for text CHECK (waiting_for IN ('member', 'reporter')); -- whose answer "waiting" means
UPDATE ticket SET waiting_for = 'member' WHERE waiting IS NOT NULL;

-- "The times of this sender are UTC."  Applies to what comes in from then
-- on; the zone of such an event is 'rule'.
CREATE TABLE zone_rule (
  -- an address, a domain (with those below it), or a format or feed
  -- ("xarf", "shadowserver"): told apart by "@" and "."
  sender    text PRIMARY KEY CHECK (sender <> '' AND sender = lower(sender)),
  zone      text NOT NULL CHECK (zone <> ''),
  made      timestamptz NOT NULL DEFAULT now(),
  made_by   bigint REFERENCES principal,
  ticket    bigint REFERENCES ticket  -- where it was made
);
