-- Of two labels the stricter: what nobody labelled is not passed on as
-- freely as what somebody called green.
CREATE FUNCTION tlp_rank(label text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN label IS NULL THEN 3
    ELSE array_position(ARRAY['CLEAR', 'GREEN', '', 'AMBER', 'AMBER+STRICT', 'RED'], label) END
$$;
