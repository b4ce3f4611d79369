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
-- FOR JSON and FOR XML: (form, texts of the columns) to one text.
DO $$
DECLARE
    form text;
BEGIN
    FOREACH form IN ARRAY ARRAY['json', 'xml'] LOOP
        EXECUTE format('CREATE FUNCTION sys.for_%1$s_row(internal, sys.nvarchar, sys.nvarchar[]) RETURNS internal LANGUAGE c AS ''MODULE_PATHNAME'', ''casement_for_%1$s_row'' IMMUTABLE', form);
        EXECUTE format('CREATE FUNCTION sys.for_%1$s_end(internal) RETURNS sys.nvarchar LANGUAGE c AS ''MODULE_PATHNAME'', ''casement_for_%1$s_end'' IMMUTABLE', form);
        EXECUTE format('CREATE AGGREGATE sys.for_%1$s(sys.nvarchar, sys.nvarchar[]) (SFUNC = sys.for_%1$s_row, STYPE = internal, FINALFUNC = sys.for_%1$s_end)', form);
    END LOOP;
END $$;
