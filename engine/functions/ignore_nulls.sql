-- FIRST_VALUE, LAST_VALUE, LAG and LEAD with IGNORE NULLS, which PostgreSQL's own do not have.
CREATE FUNCTION sys.first_value_not_null(anyelement) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_first_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.last_value_not_null(anyelement) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_last_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lag_not_null(anyelement) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lag_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lag_not_null(anyelement, int4) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lag_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lag_not_null(anycompatible, int4, anycompatible) RETURNS anycompatible LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lag_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lead_not_null(anyelement) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lead_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lead_not_null(anyelement, int4) RETURNS anyelement LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lead_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION sys.lead_not_null(anycompatible, int4, anycompatible) RETURNS anycompatible LANGUAGE c AS 'MODULE_PATHNAME', 'fn_lead_not_null' WINDOW IMMUTABLE PARALLEL SAFE;
