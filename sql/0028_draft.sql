-- What somebody has begun to write on a ticket and not sent.
CREATE TABLE draft (
  principal  bigint NOT NULL REFERENCES principal,
  ticket     bigint NOT NULL REFERENCES ticket,
  form       text NOT NULL CHECK (form IN ('reply', 'comment')),
  fields     jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object'
             AND octet_length(fields::text) <= 600000),
  updated    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (ticket, principal, form)
);
CREATE INDEX draft_principal ON draft (principal);
CREATE INDEX draft_updated ON draft (updated);
