-- What bound queries call for themselves.
CREATE FUNCTION sys.next_recursion(int4, int4) RETURNS int4 LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_next_recursion' VOLATILE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.top_percent_rows(float8, int8) RETURNS int8 LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_top_percent_rows' IMMUTABLE STRICT PARALLEL SAFE;
-- Keeps what it is given from being computed before the sort: SELECT @s = @s + name FROM t ORDER BY name.
CREATE FUNCTION sys.after_sort(anyelement) RETURNS anyelement LANGUAGE c
    AS 'MODULE_PATHNAME', 'casement_after_sort' VOLATILE;
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
-- OPENJSON: what the path leads to as json (of no path as it is written, so that keys keep their order),
-- its members, and for OPENJSON ... WITH the objects in it.
CREATE FUNCTION sys.openjson_part(sys.nvarchar, sys.nvarchar) RETURNS json LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN sys.isjson($1) = 0 THEN sys.json_query($1)::text::json -- raises 13609
                      WHEN $2::text = '$' THEN $1::text::json
                      ELSE jsonb_path_query_first($1::text::jsonb, $2::text::jsonpath)::json END $$;
CREATE FUNCTION sys.openjson(sys.nvarchar, sys.nvarchar, OUT "key" sys.nvarchar, OUT value sys.nvarchar, OUT type int4)
    RETURNS SETOF record LANGUAGE sql IMMUTABLE ROWS 20
    AS $$ SELECT m.k::sys.nvarchar,
                 (CASE json_typeof(m.v) WHEN 'null' THEN NULL WHEN 'string' THEN m.v #>> '{}' ELSE m.v::text END)::sys.nvarchar,
                 CASE json_typeof(m.v) WHEN 'null' THEN 0 WHEN 'string' THEN 1 WHEN 'number' THEN 2 WHEN 'boolean' THEN 3
                                       WHEN 'array' THEN 4 ELSE 5 END
          FROM (SELECT sys.openjson_part($1, $2) AS j) AS p,
               LATERAL (SELECT o.key AS k, o.value AS v
                        FROM json_each(CASE WHEN json_typeof(p.j) = 'object' THEN p.j ELSE '{}' END) AS o
                        UNION ALL
                        SELECT (a.n - 1)::text, a.v
                        FROM json_array_elements(CASE WHEN json_typeof(p.j) = 'array' THEN p.j ELSE '[]' END) WITH ORDINALITY AS a (v, n)) AS m $$;
CREATE FUNCTION sys.openjson(sys.nvarchar, OUT "key" sys.nvarchar, OUT value sys.nvarchar, OUT type int4)
    RETURNS SETOF record LANGUAGE sql IMMUTABLE ROWS 20 AS $$ SELECT * FROM sys.openjson($1, '$'::text::sys.nvarchar) $$;
CREATE FUNCTION sys.openjson_rows(sys.nvarchar, sys.nvarchar) RETURNS SETOF sys.nvarchar LANGUAGE sql IMMUTABLE ROWS 20
    AS $$ SELECT a.v::text::sys.nvarchar
          FROM (SELECT sys.openjson_part($1, $2) AS j) AS p,
               json_array_elements(CASE json_typeof(p.j) WHEN 'array' THEN p.j WHEN 'object' THEN json_build_array(p.j)
                                                         ELSE '[]' END) AS a (v) $$;
