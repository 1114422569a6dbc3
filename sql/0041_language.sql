-- In which language whom is written to (BCP 47; server/base/lang.h checks it).
CREATE DOMAIN lang AS text CHECK (VALUE ~ '^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$' AND length(VALUE) <= 35);

ALTER TABLE organisation ADD COLUMN lang lang NOT NULL DEFAULT 'en';
ALTER TABLE foreign_contact ADD COLUMN lang lang NOT NULL DEFAULT 'en';

-- Texts of one name and direction are one text in several languages.
ALTER TABLE text_template
  ADD COLUMN lang lang NOT NULL DEFAULT 'en',
  DROP CONSTRAINT text_template_direction_name_key,
  ADD UNIQUE (direction, name, lang);

-- Does a text in one language serve who asks for another?  (RFC 4647 3.4)
CREATE FUNCTION lang_serves(have text, want text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT want = have OR starts_with(want, have || '-')
$$;

-- Of a member, else of our book by the address that is written to.
CREATE FUNCTION lang_of(org bigint, address text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT lang FROM organisation WHERE id = org),
    (SELECT lang FROM foreign_contact WHERE ended IS NULL AND lower(email) = lower(address) ORDER BY id LIMIT 1),
    'en')
$$;
CREATE INDEX foreign_contact_email ON foreign_contact (lower(email)) WHERE ended IS NULL;

-- What a campaign asks, in other languages than its own words: as the text it
-- was begun from says it.
CREATE TABLE campaign_words (
  campaign  bigint NOT NULL REFERENCES campaign ON DELETE CASCADE,
  lang      lang NOT NULL,
  words     text NOT NULL CHECK (words <> ''),
  PRIMARY KEY (campaign, lang)
);
