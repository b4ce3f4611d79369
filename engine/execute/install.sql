-- How bound queries call users' functions: the object's id, then the arguments. The binder gives
-- each call its own result type.
CREATE FUNCTION sys.call_scalar_function(int4, VARIADIC "any") RETURNS int4
    LANGUAGE c AS 'MODULE_PATHNAME', 'casement_call_scalar_function' STABLE COST 500;
CREATE FUNCTION sys.call_table_function(int4, VARIADIC "any") RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'casement_call_table_function' STABLE COST 500;
