-- A notice is drafted for each party of a ticket: its key as the notice has it
-- (a member's handle, or an address for mail).  Of replies and comments there
-- is one a ticket.
ALTER TABLE draft DROP CONSTRAINT draft_form_check;
ALTER TABLE draft ADD COLUMN party text NOT NULL DEFAULT '' CHECK (octet_length(party) <= 320);
ALTER TABLE draft ADD CHECK (form IN ('reply', 'comment', 'notify') AND (form = 'notify') = (party <> ''));
ALTER TABLE draft DROP CONSTRAINT draft_pkey, ADD PRIMARY KEY (ticket, principal, form, party);
SELECT desk_views();
