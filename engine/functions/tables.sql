-- Functions that give rows.
CREATE FUNCTION sys.string_split(sys.nvarchar, sys.nvarchar) RETURNS TABLE (value sys.nvarchar, ordinal int8)
    LANGUAGE c AS 'MODULE_PATHNAME', 'fn_string_split' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.string_split(sys.nvarchar, sys.nvarchar, int4) RETURNS TABLE (value sys.nvarchar, ordinal int8)
    LANGUAGE c AS 'MODULE_PATHNAME', 'fn_string_split' IMMUTABLE PARALLEL SAFE;

-- Counts down by itself when it starts above its stop.
CREATE FUNCTION sys.generate_series(int4, int4) RETURNS TABLE (value int4) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.generate_series($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END) $$;
CREATE FUNCTION sys.generate_series(int4, int4, int4) RETURNS TABLE (value int4) LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'generate_series_step_int4';
CREATE FUNCTION sys.generate_series(int8, int8) RETURNS TABLE (value int8) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT pg_catalog.generate_series($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END) $$;
CREATE FUNCTION sys.generate_series(int8, int8, int8) RETURNS TABLE (value int8) LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'generate_series_step_int8';

-- The methods of xml.
CREATE FUNCTION sys.xml_value(sys.xml, sys.nvarchar) RETURNS sys.nvarchar
LANGUAGE c AS 'MODULE_PATHNAME', 'fn_xml_value' IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.xml_query(sys.xml, sys.nvarchar) RETURNS sys.xml
LANGUAGE c AS 'MODULE_PATHNAME', 'fn_xml_query' IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.xml_exist(sys.xml, sys.nvarchar) RETURNS bool
LANGUAGE c AS 'MODULE_PATHNAME', 'fn_xml_exist' IMMUTABLE STRICT PARALLEL SAFE;
