-- The text of a bulk mail in the languages that it is kept in, as they were when
-- it was planned: who is written to in one of them gets that.  None when it was
-- typed, or changed, for that is one text.
CREATE TABLE bulk_text (
  bulk     bigint NOT NULL REFERENCES bulk ON DELETE CASCADE,
  lang     text NOT NULL CHECK (octet_length(lang) <= 35),
  subject  text,
  text     text NOT NULL,
  PRIMARY KEY (bulk, lang)
);
