-- Who has a ticket open now, as the web processes say whose pages listen
-- (server/http/live/live_watch.c).  A table, because there may be several of them;
-- unlogged, because after a crash nobody has anything open.
CREATE UNLOGGED TABLE presence (
  ticket     bigint NOT NULL,
  principal  bigint NOT NULL REFERENCES principal,
  process    text NOT NULL,                       -- who says so
  seen       timestamptz NOT NULL DEFAULT now(),  -- said again all the time; old: the process died
  PRIMARY KEY (ticket, principal, process)
);
CREATE INDEX presence_process ON presence (process);
