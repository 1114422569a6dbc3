-- The digests of a kind and day are a campaign, too: without an incident, for
-- nobody is asked for an answer; without evidence of its own, for its rows are
-- findings and the sightings behind them.
ALTER TABLE campaign
  DROP CONSTRAINT campaign_source_check,
  DROP CONSTRAINT campaign_check,
  ALTER COLUMN type DROP NOT NULL,
  ALTER COLUMN message DROP NOT NULL,
  ADD COLUMN digest text CHECK (digest IN ('daily', 'weekly')),
  ADD COLUMN day date,
  ADD CONSTRAINT campaign_source_check CHECK (source IN ('paste', 'csv', 'search', 'findings', 'digest')),
  ADD CONSTRAINT campaign_asks CHECK (source = 'digest' OR (type IS NOT NULL AND message IS NOT NULL)),
  ADD CONSTRAINT campaign_digest CHECK ((source = 'digest') = (digest IS NOT NULL AND day IS NOT NULL)),
  ADD CONSTRAINT campaign_sent CHECK (state <> 'sent' OR (sent_at IS NOT NULL
    AND (incident IS NOT NULL OR source = 'digest'))),
  ADD UNIQUE (digest, day);
CREATE INDEX campaign_list ON campaign ((source = 'digest'), id);
