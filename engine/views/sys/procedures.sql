-- sys.procedures: stored procedures
CREATE VIEW sys.procedures AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published, false AS is_auto_executed, false AS is_execution_replicated,
    false AS is_repl_serializable_only, false AS skips_repl_constraints
FROM casement.objects_seen o WHERE o.type IN ('P', 'X', 'RF', 'PC') AND NOT o.is_system;
