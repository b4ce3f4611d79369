-- Functions that give rows.
CREATE FUNCTION sys.string_split(sys.nvarchar, sys.nvarchar) RETURNS TABLE (value sys.nvarchar, ordinal int8)
    LANGUAGE c AS 'MODULE_PATHNAME', 'fn_string_split' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.string_split(sys.nvarchar, sys.nvarchar, int4) RETURNS TABLE (value sys.nvarchar, ordinal int8)
    LANGUAGE c AS 'MODULE_PATHNAME', 'fn_string_split' IMMUTABLE PARALLEL SAFE;
