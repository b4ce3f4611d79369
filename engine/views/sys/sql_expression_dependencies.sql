-- sys.sql_expression_dependencies: what modules refer to: not recorded, names are resolved when they run
CREATE VIEW sys.sql_expression_dependencies AS
SELECT d.id AS _db, 0::int4 AS referencing_id, 0::int4 AS referencing_minor_id, 1::sys.tinyint AS referencing_class,
    'OBJECT_OR_COLUMN'::sys.nvarchar(60) AS referencing_class_desc, false AS is_schema_bound_reference, 1::sys.tinyint AS referenced_class,
    'OBJECT_OR_COLUMN'::sys.nvarchar(60) AS referenced_class_desc, NULL::sys.nvarchar(128) AS referenced_server_name, NULL::sys.nvarchar(128) AS referenced_database_name,
    NULL::sys.nvarchar(128) AS referenced_schema_name, NULL::sys.nvarchar(128) AS referenced_entity_name, NULL::int4 AS referenced_id,
    0::int4 AS referenced_minor_id, false AS is_caller_dependent, false AS is_ambiguous
FROM casement.databases d WHERE false;
