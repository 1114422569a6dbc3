-- A row of a feed, and what it says beyond the fields of every event.
ALTER TABLE event
  ADD COLUMN feed text,        -- "shadowserver/scan_mysql"; NULL: a single report
  ADD COLUMN severity text CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  ADD COLUMN extra jsonb COMPRESSION lz4;
-- The columns of event from type on, in the table's order.
DROP TYPE event_given;
CREATE TYPE event_given AS (
  type text, source_ip inet, destination_ip inet, source_port int,
  destination_port int, protocol text, "time" timestamptz, time_given text,
  zone text, url text, domain text, cve text, malware text, count bigint,
  reporter_ref text, evidence_part text, verdict text, reason text,
  organisation bigint, prefix cidr, feed text, severity text, extra jsonb);
