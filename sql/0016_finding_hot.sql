-- A finding that is seen again changes last_seen and count, in no index now:
-- PostgreSQL then writes one tuple and no index entry (HOT).  The look for
-- what is gone reads those that are there, every five minutes.
DROP INDEX finding_there;
-- Sightings are made by the statement that makes or locks their finding, and
-- nothing deletes findings: the check cost as much as the row.
ALTER TABLE sighting DROP CONSTRAINT sighting_finding_fkey;
