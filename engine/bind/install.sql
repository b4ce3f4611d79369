-- What bound queries call for themselves.
CREATE FUNCTION sys.next_recursion(int4, int4) RETURNS int4 LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_next_recursion' VOLATILE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.top_percent_rows(float8, int8) RETURNS int8 LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_top_percent_rows' IMMUTABLE STRICT PARALLEL SAFE;
-- rowversion: @@DBTS and the values of rowversion columns.
CREATE SEQUENCE casement.rowversion START 2001;
GRANT USAGE, SELECT ON SEQUENCE casement.rowversion TO PUBLIC;
CREATE FUNCTION sys.next_rowversion() RETURNS sys.rowversion LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_next_rowversion' VOLATILE;
