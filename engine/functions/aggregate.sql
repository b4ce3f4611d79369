-- Aggregates with T-SQL's result types. min and max of our own types are declared with the types.
CREATE FUNCTION sys.int8_to_int4(int8) RETURNS int4 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_int8_to_int4' IMMUTABLE STRICT PARALLEL SAFE;
CREATE AGGREGATE sys.count("any") (SFUNC = int8inc_any, STYPE = int8, INITCOND = '0', COMBINEFUNC = int8pl, FINALFUNC = sys.int8_to_int4,
    MSFUNC = int8inc_any, MINVFUNC = int8dec_any, MSTYPE = int8, MINITCOND = '0', MFINALFUNC = sys.int8_to_int4, PARALLEL = SAFE);
CREATE AGGREGATE sys.count(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0', COMBINEFUNC = int8pl, FINALFUNC = sys.int8_to_int4,
    MSFUNC = int8inc, MINVFUNC = int8dec, MSTYPE = int8, MINITCOND = '0', MFINALFUNC = sys.int8_to_int4, PARALLEL = SAFE);

CREATE AGGREGATE sys.sum(int4) (SFUNC = int4_sum, STYPE = int8, COMBINEFUNC = int8pl, FINALFUNC = sys.int8_to_int4, PARALLEL = SAFE);
CREATE AGGREGATE sys.sum(int8) (SFUNC = int8pl, STYPE = int8, COMBINEFUNC = int8pl, PARALLEL = SAFE);
CREATE AGGREGATE sys.sum(sys.decimal) (SFUNC = sys.decimal_add, STYPE = sys.decimal, COMBINEFUNC = sys.decimal_add, PARALLEL = SAFE);
CREATE AGGREGATE sys.sum(sys.money) (SFUNC = sys.money_add, STYPE = sys.money, COMBINEFUNC = sys.money_add, PARALLEL = SAFE);
CREATE AGGREGATE sys.sum(float8) (SFUNC = float8pl, STYPE = float8, COMBINEFUNC = float8pl, PARALLEL = SAFE);

CREATE FUNCTION sys.avg_int_final(int8[]) RETURNS int4 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_int_final' IMMUTABLE STRICT PARALLEL SAFE;
CREATE AGGREGATE sys.avg(int4) (SFUNC = int4_avg_accum, STYPE = int8[], INITCOND = '{0,0}', COMBINEFUNC = int4_avg_combine, FINALFUNC = sys.avg_int_final, PARALLEL = SAFE);
-- The state of the other averages: the count and the sum.
CREATE FUNCTION sys.avg_decimal_step(sys.varbinary, sys.decimal) RETURNS sys.varbinary LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_decimal_step' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.avg_int8_step(sys.varbinary, int8) RETURNS sys.varbinary LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_int8_step' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.avg_money_step(sys.varbinary, sys.money) RETURNS sys.varbinary LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_int8_step' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.avg_combine(sys.varbinary, sys.varbinary) RETURNS sys.varbinary LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_combine' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.avg_decimal_final(sys.varbinary) RETURNS sys.decimal LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_decimal_final' IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.avg_int8_final(sys.varbinary) RETURNS int8 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_int8_final' IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION sys.avg_money_final(sys.varbinary) RETURNS sys.money LANGUAGE c AS 'MODULE_PATHNAME', 'fn_avg_int8_final' IMMUTABLE STRICT PARALLEL SAFE;
CREATE AGGREGATE sys.avg(sys.decimal) (SFUNC = sys.avg_decimal_step, STYPE = sys.varbinary, COMBINEFUNC = sys.avg_combine, FINALFUNC = sys.avg_decimal_final, PARALLEL = SAFE);
CREATE AGGREGATE sys.avg(int8) (SFUNC = sys.avg_int8_step, STYPE = sys.varbinary, COMBINEFUNC = sys.avg_combine, FINALFUNC = sys.avg_int8_final, PARALLEL = SAFE);
CREATE AGGREGATE sys.avg(sys.money) (SFUNC = sys.avg_money_step, STYPE = sys.varbinary, COMBINEFUNC = sys.avg_combine, FINALFUNC = sys.avg_money_final, PARALLEL = SAFE);
CREATE AGGREGATE sys.avg(float8) (SFUNC = float8_accum, STYPE = float8[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine, FINALFUNC = float8_avg, PARALLEL = SAFE);
CREATE AGGREGATE sys.stdev(float8) (SFUNC = float8_accum, STYPE = float8[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine, FINALFUNC = float8_stddev_samp, PARALLEL = SAFE);
CREATE AGGREGATE sys.stdevp(float8) (SFUNC = float8_accum, STYPE = float8[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine, FINALFUNC = float8_stddev_pop, PARALLEL = SAFE);
CREATE AGGREGATE sys.var(float8) (SFUNC = float8_accum, STYPE = float8[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine, FINALFUNC = float8_var_samp, PARALLEL = SAFE);
CREATE AGGREGATE sys.varp(float8) (SFUNC = float8_accum, STYPE = float8[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine, FINALFUNC = float8_var_pop, PARALLEL = SAFE);
CREATE AGGREGATE sys.checksum_agg(int4) (SFUNC = int4xor, STYPE = int4, COMBINEFUNC = int4xor, PARALLEL = SAFE);

CREATE FUNCTION sys.string_agg_step(internal, sys.nvarchar, sys.nvarchar) RETURNS internal LANGUAGE internal AS 'string_agg_transfn' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.string_agg_final(internal) RETURNS sys.nvarchar LANGUAGE internal AS 'string_agg_finalfn' IMMUTABLE PARALLEL SAFE;
CREATE AGGREGATE sys.string_agg(sys.nvarchar, sys.nvarchar) (SFUNC = sys.string_agg_step, STYPE = internal, FINALFUNC = sys.string_agg_final, PARALLEL = SAFE);

-- NTILE is a bigint in T-SQL.
CREATE FUNCTION sys.ntile(int4) RETURNS int8 LANGUAGE internal AS 'window_ntile' WINDOW IMMUTABLE STRICT PARALLEL SAFE;

-- An estimate within about 1 %.
CREATE FUNCTION sys.distinct_step(internal, "any") RETURNS internal LANGUAGE c AS 'MODULE_PATHNAME', 'fn_distinct_step' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.distinct_final(internal) RETURNS int8 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_distinct_final' IMMUTABLE PARALLEL SAFE;
CREATE AGGREGATE sys.approx_count_distinct("any") (SFUNC = sys.distinct_step, STYPE = internal, FINALFUNC = sys.distinct_final);

CREATE FUNCTION sys.percentile_step(internal, float8, float8, bool) RETURNS internal LANGUAGE c AS 'MODULE_PATHNAME', 'fn_percentile_step' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.percentile_cont_final(internal) RETURNS float8 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_percentile_cont_final' IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.percentile_disc_final(internal) RETURNS float8 LANGUAGE c AS 'MODULE_PATHNAME', 'fn_percentile_disc_final' IMMUTABLE PARALLEL SAFE;
CREATE AGGREGATE sys.percentile_cont(float8, float8, bool) (SFUNC = sys.percentile_step, STYPE = internal, FINALFUNC = sys.percentile_cont_final);
CREATE AGGREGATE sys.percentile_disc(float8, float8, bool) (SFUNC = sys.percentile_step, STYPE = internal, FINALFUNC = sys.percentile_disc_final);
