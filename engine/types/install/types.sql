-- What the generated type declarations leave: operators across types, arithmetic, casts to and
-- from PostgreSQL's own types, LIKE.

-- tinyint joins integer_ops: indexes and joins work across all integer types.
DO $$
DECLARE
    other text;
    pair text[];
    op text[];
    a text; b text; f text;
BEGIN
    FOREACH other IN ARRAY ARRAY['int2', 'int4', 'int8'] LOOP
        FOREACH pair SLICE 1 IN ARRAY ARRAY[['tinyint', other], [other, 'tinyint']] LOOP
            a := CASE pair[1] WHEN 'tinyint' THEN 'sys.tinyint' ELSE pair[1] END;
            b := CASE pair[2] WHEN 'tinyint' THEN 'sys.tinyint' ELSE pair[2] END;
            f := pair[1] || '_' || pair[2];
            FOREACH op SLICE 1 IN ARRAY ARRAY[['=', 'eq', '=', '<>', 'eq'], ['<>', 'ne', '<>', '=', 'neq'],
                ['<', 'lt', '>', '>=', 'scalarlt'], ['<=', 'le', '>=', '>', 'scalarle'],
                ['>', 'gt', '<', '<=', 'scalargt'], ['>=', 'ge', '<=', '<', 'scalarge']] LOOP
                EXECUTE format('CREATE FUNCTION sys.%s_%s(%s, %s) RETURNS bool LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_%s_%s'' IMMUTABLE STRICT PARALLEL SAFE',
                               f, op[2], a, b, f, op[2]);
                EXECUTE format('CREATE OPERATOR sys.%s (FUNCTION = sys.%s_%s, LEFTARG = %s, RIGHTARG = %s, COMMUTATOR = OPERATOR(sys.%s), NEGATOR = OPERATOR(sys.%s), RESTRICT = %ssel, JOIN = %sjoinsel%s)',
                               op[1], f, op[2], a, b, op[3], op[4], op[5], op[5], CASE op[1] WHEN '=' THEN ', MERGES, HASHES' ELSE '' END);
            END LOOP;
            EXECUTE format('CREATE FUNCTION sys.%s_cmp(%s, %s) RETURNS int4 LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_%s_cmp'' IMMUTABLE STRICT PARALLEL SAFE',
                           f, a, b, f);
            EXECUTE format('ALTER OPERATOR FAMILY pg_catalog.integer_ops USING btree ADD OPERATOR 1 sys.< (%1$s, %2$s), OPERATOR 2 sys.<= (%1$s, %2$s), OPERATOR 3 sys.= (%1$s, %2$s), OPERATOR 4 sys.>= (%1$s, %2$s), OPERATOR 5 sys.> (%1$s, %2$s), FUNCTION 1 (%1$s, %2$s) sys.%3$s_cmp(%1$s, %2$s)',
                           a, b, f);
            EXECUTE format('ALTER OPERATOR FAMILY pg_catalog.integer_ops USING hash ADD OPERATOR 1 sys.= (%s, %s)', a, b);
        END LOOP;
    END LOOP;
END $$;
CREATE OPERATOR CLASS sys.tinyint_ops DEFAULT FOR TYPE sys.tinyint USING btree FAMILY pg_catalog.integer_ops AS
    OPERATOR 1 sys.<, OPERATOR 2 sys.<=, OPERATOR 3 sys.=, OPERATOR 4 sys.>=, OPERATOR 5 sys.>,
    FUNCTION 1 sys.tinyint_cmp(sys.tinyint, sys.tinyint), FUNCTION 4 btequalimage(oid);
CREATE OPERATOR CLASS sys.tinyint_ops DEFAULT FOR TYPE sys.tinyint USING hash FAMILY pg_catalog.integer_ops AS
    OPERATOR 1 sys.=, FUNCTION 1 sys.tinyint_hash(sys.tinyint), FUNCTION 2 sys.tinyint_hash_extended(sys.tinyint, int8);

-- Arithmetic: functions and operators named alike for every type that has them.
DO $$
DECLARE
    t text[];
    op text[];
BEGIN
    FOREACH t SLICE 1 IN ARRAY ARRAY[
        ['tinyint', '+ - * / % & | #'], ['decimal', '+ - * / %'], ['money', '+ - * / %'], ['smallmoney', '+ - * / %'],
        ['datetime', '+ -'], ['smalldatetime', '+ -']] LOOP
        FOREACH op SLICE 1 IN ARRAY ARRAY[['+', 'add'], ['-', 'sub'], ['*', 'mul'], ['/', 'div'], ['%', 'mod'],
                                          ['&', 'and'], ['|', 'or'], ['#', 'xor']] LOOP
            CONTINUE WHEN NOT op[1] = ANY (string_to_array(t[2], ' '));
            EXECUTE format('CREATE FUNCTION sys.%1$s_%2$s(sys.%1$s, sys.%1$s) RETURNS sys.%1$s LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_%1$s_%2$s'' IMMUTABLE STRICT PARALLEL SAFE',
                           t[1], op[2]);
            EXECUTE format('CREATE OPERATOR sys.%1$s (FUNCTION = sys.%2$s_%3$s, LEFTARG = sys.%2$s, RIGHTARG = sys.%2$s)',
                           op[1], t[1], op[2]);
        END LOOP;
    END LOOP;
    -- decimal arithmetic to a given precision and scale
    FOREACH op SLICE 1 IN ARRAY ARRAY[['+', 'add'], ['-', 'sub'], ['*', 'mul'], ['/', 'div'], ['%', 'mod']] LOOP
        EXECUTE format('CREATE FUNCTION sys.decimal_%1$s(sys.decimal, sys.decimal, int4) RETURNS sys.decimal LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_decimal_%1$s'' IMMUTABLE STRICT PARALLEL SAFE',
                       op[2]);
    END LOOP;
    FOREACH t SLICE 1 IN ARRAY ARRAY[['decimal', ''], ['money', ''], ['smallmoney', '']] LOOP
        EXECUTE format('CREATE FUNCTION sys.%1$s_minus(sys.%1$s) RETURNS sys.%1$s LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_%1$s_minus'' IMMUTABLE STRICT PARALLEL SAFE',
                       t[1]);
        EXECUTE format('CREATE OPERATOR sys.- (FUNCTION = sys.%1$s_minus, RIGHTARG = sys.%1$s)', t[1]);
    END LOOP;
    FOREACH op SLICE 1 IN ARRAY ARRAY[['&', 'and'], ['|', 'or'], ['#', 'xor']] LOOP
        EXECUTE format('CREATE FUNCTION sys.bit_%1$s(bool, bool) RETURNS bool LANGUAGE c AS ''MODULE_PATHNAME'', ''sql_bit_%1$s'' IMMUTABLE STRICT PARALLEL SAFE',
                       op[2]);
        EXECUTE format('CREATE OPERATOR sys.%1$s (FUNCTION = sys.bit_%2$s, LEFTARG = bool, RIGHTARG = bool)', op[1], op[2]);
    END LOOP;
END $$;
CREATE FUNCTION sys.tinyint_not(sys.tinyint) RETURNS sys.tinyint LANGUAGE c AS 'MODULE_PATHNAME', 'sql_tinyint_not' IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR sys.~ (FUNCTION = sys.tinyint_not, RIGHTARG = sys.tinyint);
CREATE FUNCTION sys.bit_not(bool) RETURNS bool LANGUAGE c AS 'MODULE_PATHNAME', 'sql_bit_not' IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR sys.~ (FUNCTION = sys.bit_not, RIGHTARG = bool);

-- Concatenation.
CREATE FUNCTION sys.concat_op(sys.nvarchar, sys.nvarchar) RETURNS sys.nvarchar LANGUAGE c AS 'MODULE_PATHNAME', 'sql_string_concat' IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR sys.+ (FUNCTION = sys.concat_op, LEFTARG = sys.nvarchar, RIGHTARG = sys.nvarchar);
CREATE FUNCTION sys.concat_op(sys.varbinary, sys.varbinary) RETURNS sys.varbinary LANGUAGE c AS 'MODULE_PATHNAME', 'sql_binary_concat' IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR sys.+ (FUNCTION = sys.concat_op, LEFTARG = sys.varbinary, RIGHTARG = sys.varbinary);

-- LIKE: like_match keeps trailing blanks of the string (nvarchar), like_match_ansi ignores them.
CREATE FUNCTION sys.like_support(internal) RETURNS internal LANGUAGE c AS 'MODULE_PATHNAME', 'sql_like_support' STRICT;
CREATE FUNCTION sys.like_match(sys.nvarchar, sys.nvarchar) RETURNS bool LANGUAGE c AS 'MODULE_PATHNAME', 'sql_like_match' IMMUTABLE STRICT PARALLEL SAFE SUPPORT sys.like_support COST 4;
CREATE FUNCTION sys.like_match(sys.nvarchar, sys.nvarchar, sys.nvarchar) RETURNS bool LANGUAGE c AS 'MODULE_PATHNAME', 'sql_like_match' IMMUTABLE STRICT PARALLEL SAFE SUPPORT sys.like_support COST 4;
CREATE FUNCTION sys.like_match_ansi(sys.nvarchar, sys.nvarchar) RETURNS bool LANGUAGE c AS 'MODULE_PATHNAME', 'sql_like_match_ansi' IMMUTABLE STRICT PARALLEL SAFE SUPPORT sys.like_support COST 4;
CREATE FUNCTION sys.like_match_ansi(sys.nvarchar, sys.nvarchar, sys.nvarchar) RETURNS bool LANGUAGE c AS 'MODULE_PATHNAME', 'sql_like_match_ansi' IMMUTABLE STRICT PARALLEL SAFE SUPPORT sys.like_support COST 4;

-- Between PostgreSQL's own types and ours, for the SQL of system views and for psql.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['nvarchar', 'varchar', 'nchar', '"char"', 'ntext', '"text"', 'xml'] LOOP
        EXECUTE format('CREATE CAST (pg_catalog.text AS sys.%s) WITHOUT FUNCTION AS ASSIGNMENT', t);
        EXECUTE format('CREATE CAST (sys.%s AS pg_catalog.text) WITHOUT FUNCTION AS ASSIGNMENT', t);
        EXECUTE format('CREATE CAST (pg_catalog.name AS sys.%s) WITH INOUT AS ASSIGNMENT', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['varbinary', 'binary', 'image'] LOOP
        EXECUTE format('CREATE CAST (bytea AS sys.%s) WITHOUT FUNCTION AS ASSIGNMENT', t);
        EXECUTE format('CREATE CAST (sys.%s AS bytea) WITHOUT FUNCTION AS ASSIGNMENT', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['int2', 'int4', 'int8'] LOOP
        EXECUTE format('CREATE CAST (%s AS sys.tinyint) WITH INOUT AS ASSIGNMENT', t);
        EXECUTE format('CREATE CAST (sys.tinyint AS %s) WITH INOUT AS IMPLICIT', t);
        EXECUTE format('CREATE CAST (%s AS sys.decimal) WITH INOUT AS ASSIGNMENT', t);
    END LOOP;
END $$;
CREATE CAST (uuid AS sys.uniqueidentifier) WITH INOUT AS ASSIGNMENT;
