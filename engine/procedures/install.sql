-- What triggers and cursors need on PostgreSQL's side.
CREATE FUNCTION sys.after_trigger() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'casement_after_trigger';
CREATE FUNCTION sys.trigger_update(sys.nvarchar) RETURNS bool
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'casement_trigger_update';
CREATE FUNCTION sys.columns_updated() RETURNS sys.varbinary
    LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'casement_columns_updated';
CREATE FUNCTION sys.cursor_position(sys.nvarchar, oid) RETURNS tid
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'casement_cursor_position';
CREATE FUNCTION sys.cursor_status(sys.nvarchar, sys.nvarchar) RETURNS int2
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'casement_cursor_status';
