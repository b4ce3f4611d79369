-- sys.table_types: table types
CREATE VIEW sys.table_types AS
SELECT t.database AS _db, t.name::sys.nvarchar(128) AS name, t.system_type::sys.tinyint AS system_type_id, t.id AS user_type_id, t.schema AS schema_id,
    NULL::int4 AS principal_id, t.max_length::int2 AS max_length, 0::sys.tinyint AS precision, 0::sys.tinyint AS scale, NULL::sys.nvarchar(128) AS collation_name,
    false AS is_nullable, true AS is_user_defined, false AS is_assembly_type, 0::int4 AS default_object_id, 0::int4 AS rule_object_id,
    true AS is_table_type, t.table_object AS type_table_object_id, false AS is_memory_optimized
FROM casement.types t WHERE t.table_object <> 0;
