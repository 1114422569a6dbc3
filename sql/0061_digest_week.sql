-- Weekly digests are made once, on their day or, where nobody was there to make
-- them, as soon as somebody is; before, a day that was missed was a week.  Who
-- has nothing to be told then is told the next week, and not of the first mail
-- of many that comes in an hour later.
CREATE TABLE digest_week (
  day   date PRIMARY KEY,
  made  timestamptz NOT NULL DEFAULT now()
);
-- Nothing is sent for the days before this was known.
INSERT INTO digest_week (day)
SELECT (now() AT TIME ZONE 'UTC')::date - n FROM generate_series(1, 7) n;
