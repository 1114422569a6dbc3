-- Many tickets at once, texts to begin from, and what is to be known of a type.

-- Texts from which an analyst begins.  {{number}} and the like are filled in
-- for each ticket; which there are stands in server/core/ticket/text_fill.c.
CREATE TABLE text_template (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  direction   text NOT NULL CHECK (direction IN
              ('reporter',                  -- to who reported
               'member',                    -- to whom a notice went within the constituency
               'outside',                   -- and outside of it
               'notice',                    -- above the facts of a notice
               'reject')),                  -- to a reporter: why it is rejected
  type        text NOT NULL DEFAULT ''      -- RSIT class or "class/type"; '': all
              CHECK (type ~ '^([a-z-]+(/[a-z0-9-]+)?)?$'),
  resolution  text,                         -- of reject: words of resolution.def
  asks        boolean NOT NULL DEFAULT false, -- the ticket waits for an answer to it
  subject     text CHECK (length(subject) BETWEEN 1 AND 250), -- NULL: that of the thread
  text        text NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 65536),
  version     int NOT NULL DEFAULT 1,
  changed     timestamptz NOT NULL DEFAULT now(),
  changed_by  bigint REFERENCES principal,  -- NULL: as shipped
  CHECK ((direction = 'reject') = (resolution IS NOT NULL)),
  UNIQUE (direction, name)
);

-- What the desk should know when it handles a report of this type.
CREATE TABLE handling_note (
  type        text PRIMARY KEY CHECK (type ~ '^[a-z-]+(/[a-z0-9-]+)?$'),
  text        text NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 16384),
  version     int NOT NULL DEFAULT 1,
  changed     timestamptz NOT NULL DEFAULT now(),
  changed_by  bigint REFERENCES principal
);

INSERT INTO text_template (direction, name, type, resolution, asks, text) VALUES
('reject', 'Not our network', '', 'outside the constituency', false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. The addresses in it
  {{addresses}}
do not belong to {{network}}, so we cannot act on it and have closed it.
The registries (RDAP, whois) name the abuse contact of who holds them.

If it also concerns an address of ours, answer this mail and say which.

-- 
{{team}}
$t$),
('reject', 'No evidence', '', 'no evidence', false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. Without evidence we cannot find out
who or what was behind it, and have closed it. What is needed is a log or
the complete mail with the source address, the time with its zone, and
the source port.

If you have that, answer this mail: the report is then opened again.

-- 
{{team}}
$t$),
('reject', 'Duplicate', '', 'out of scope', false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. We had a report of the same already
and work on that one; yours is closed.

-- 
{{team}}
$t$),
('reject', 'Newsletter', 'abusive-content', 'out of scope', false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. The mail is a newsletter of a sender
who can be named, and it has a way to unsubscribe. Please use that first;
we act when mail goes on to come afterwards. The report is closed.

-- 
{{team}}
$t$),
('reject', 'Scan without harm', 'information-gathering/scanner', 'out of scope', false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. Single probes of a few ports are part
of the noise of the Internet. We keep your report for our statistics, and
act when many hosts or logins are tried; it is closed now.

-- 
{{team}}
$t$),
('reject', 'Not a security matter', '', 'end user, sent to the local desk', false,
$t$Dear {{reporter_name}},

thank you for your mail {{tag}}. It is no matter of network security, so
we cannot help. Please ask the help desk of your own organisation.

-- 
{{team}}
$t$),
('reporter', 'Thanks, passed on', '', NULL, false,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. We have passed the evidence to the
organisation responsible, and tell you when the matter is closed.

-- 
{{analyst}}
{{team}}
$t$),
('reporter', 'Does it go on?', '', NULL, true,
$t$Dear {{reporter_name}},

this is about your report {{tag}} of {{received}}:
{{subject}}

Do you still see it? If so, please send the latest log lines with their
time zone.

-- 
{{analyst}}
{{team}}
$t$),
('reporter', 'More evidence', '', NULL, true,
$t$Dear {{reporter_name}},

thank you for your report {{tag}}. To go on with it we need:
  {{missing}}
Please answer this mail with it; keep {{tag}} in the subject.

-- 
{{analyst}}
{{team}}
$t$),
('member', 'Any news?', '', NULL, false,
$t$Dear colleagues,

this is about {{tag}}, of which we wrote to you before. Have you been able
to look at
  {{addresses}}
already? A first line of CLEANED, NOT-TRACED, AUTHORISED or NEED-MORE is
enough.

-- 
{{analyst}}
{{team}}
$t$),
('member', 'Thanks, closed', '', NULL, false,
$t$Dear colleagues,

thank you for your answer to {{tag}}. We close it now.

-- 
{{analyst}}
{{team}}
$t$),
('outside', 'Any news?', '', NULL, false,
$t$Dear colleagues,

this is about {{tag}}, of which we wrote to you before. Is there anything
you can tell us about
  {{addresses}}
by now?

-- 
{{analyst}}
{{team}}
$t$),
('notice', 'Again', '', NULL, false,
$t$This host was reported before. Please look for what was left when it was
cleaned the last time, and rebuild it rather than clean it again.
$t$);

INSERT INTO handling_note (type, text) VALUES
('availability', 'Ask for the pattern (ports, packet sizes, whether it goes on). Sources may be forged: no notice for each of them without flows that show the same.'),
('fraud/copyright', 'A matter of the member''s policy, not of ours: pass it on, ask for no result beyond a receipt.'),
('fraud/phishing', 'Look whether the page still answers, and from where; keep a copy before it is gone. The brand concerned is told by the reporter.'),
('intrusions', 'Telephone first. Nothing is cleaned before evidence is kept: say so to the member.'),
('malicious-code/infected-system', 'One host or a NAT? Without the source port a shared address cannot be traced.');

-- A selection of tickets, frozen, and what is done to it.  Small ones are
-- done in one transaction, larger ones piece by piece by the timer.
CREATE TABLE bulk (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  principal   bigint NOT NULL REFERENCES principal,
  created     timestamptz NOT NULL DEFAULT now(),
  since       bigint NOT NULL,              -- last row of the audit trail then
  state       text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'done', 'stopped')),
  act         text CHECK (act IN ('own', 'status', 'reject', 'reply', 'link')),
  owner       bigint REFERENCES principal,
  status      text,
  resolution  text,
  incident    bigint REFERENCES ticket,
  direction   text,                         -- to whom the text may go; NULL: to anybody
  subject     text,
  text        text CHECK (octet_length(text) <= 262144),
  asks        boolean NOT NULL DEFAULT false,
  tell        boolean NOT NULL DEFAULT false, -- of reject: the reporter is told why
  others      boolean NOT NULL DEFAULT false, -- also what others own
  deed        bigint REFERENCES deed,       -- NULL: nothing that could be undone
  started     timestamptz,
  finished    timestamptz,
  why         text,                         -- it was stopped
  version     int NOT NULL DEFAULT 1,
  CHECK (state = 'draft' OR (act IS NOT NULL AND started IS NOT NULL))
);
CREATE INDEX bulk_running ON bulk (id) WHERE state = 'running';
CREATE INDEX bulk_draft ON bulk (created) WHERE state = 'draft';
CREATE INDEX bulk_deed ON bulk (deed) WHERE deed IS NOT NULL;
CREATE INDEX bulk_principal ON bulk (principal, id);

CREATE TABLE bulk_item (
  bulk     bigint NOT NULL REFERENCES bulk ON DELETE CASCADE,
  ticket   bigint NOT NULL REFERENCES ticket,
  version  int NOT NULL,                    -- that was seen
  state    text NOT NULL DEFAULT 'waits' CHECK (state IN ('waits', 'done', 'refused')),
  why      text,
  message  bigint REFERENCES message,       -- the mail that left
  PRIMARY KEY (bulk, ticket),
  CHECK ((state = 'refused') = (why IS NOT NULL))
);
CREATE INDEX bulk_item_state ON bulk_item (bulk, state, ticket);

-- Why a ticket cannot hang on an incident, or NULL: said before it is tried
-- by who shows what would happen, and again when it is done.
CREATE FUNCTION link_refused(above ticket, below ticket) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN above.kind <> 'incident' THEN format('Ticket #%s is no incident, but a %s.', above.number, above.kind)
    WHEN below.kind = 'incident' THEN format('Ticket #%s is an incident itself: merge the two.', below.number)
    WHEN above.merged_into IS NOT NULL THEN format('Ticket #%s was merged into another.', above.number)
    WHEN below.merged_into IS NOT NULL THEN format('Ticket #%s was merged into another.', below.number)
    WHEN below.kind <> 'report' AND EXISTS (
        SELECT FROM ticket_link l WHERE l.child = below.number AND l.incident <> above.number)
      THEN format('%s #%s belongs to another incident already.', initcap(below.kind), below.number)
  END
$$;
CREATE OR REPLACE FUNCTION link_checked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  above ticket;
  below ticket;
  why text;
BEGIN
  SELECT * INTO above FROM ticket WHERE number = NEW.incident FOR UPDATE;
  SELECT * INTO below FROM ticket WHERE number = NEW.child FOR UPDATE;
  why := link_refused(above, below);
  IF why IS NOT NULL THEN
    RAISE '%', why;
  END IF;
  RETURN NEW;
END $$;

-- Nothing is undone that still goes on.
CREATE FUNCTION deed_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM bulk WHERE deed = NEW.undoes AND state = 'running') THEN
    RAISE 'It is still at work: stop it first, or wait.';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deed_goes_on BEFORE INSERT ON deed
  FOR EACH ROW WHEN (NEW.undoes IS NOT NULL) EXECUTE FUNCTION deed_goes_on();

-- Ladders of reminders are changed by people, too.
ALTER TABLE notice_rule
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN changed timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN changed_by bigint REFERENCES principal;  -- NULL: as shipped

-- What the timer ends.
DROP INDEX ticket_expires;
CREATE INDEX ticket_expires ON ticket (expires)
  WHERE expires IS NOT NULL AND status = 'active' AND kind = 'countermeasure';

-- "Keep" of what was over means that it has no end any more; else the timer
-- would end it again.
CREATE FUNCTION countermeasure_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.expires := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER countermeasure_kept BEFORE UPDATE OF status ON ticket
  FOR EACH ROW WHEN (NEW.kind = 'countermeasure' AND OLD.status = 'pending removal'
    AND NEW.status = 'active' AND NEW.expires <= now())
  EXECUTE FUNCTION countermeasure_kept();
