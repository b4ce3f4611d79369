-- sys.types: system, alias and table types
CREATE VIEW sys.types AS
SELECT d.id AS _db, t.name::sys.nvarchar(128) AS name, t.system_type::sys.tinyint AS system_type_id, t.id AS user_type_id, 4::int4 AS schema_id,
    NULL::int4 AS principal_id, t.max_length AS max_length, t.precision::sys.tinyint AS precision, t.scale::sys.tinyint AS scale,
    (CASE WHEN t.collated THEN casement.collation_name(d.collation) END)::sys.nvarchar(128) AS collation_name, t.name <> 'sysname' AS is_nullable,
    false AS is_user_defined, false AS is_assembly_type, 0::int4 AS default_object_id, 0::int4 AS rule_object_id,
    false AS is_table_type
FROM casement.system_types t CROSS JOIN casement.databases d
UNION ALL
SELECT t.database, t.name::sys.nvarchar(128), t.system_type::sys.tinyint, t.id, t.schema, NULL, t.max_length::int2, t.precision::sys.tinyint, t.scale::sys.tinyint,
    casement.collation_name(t.collation)::sys.nvarchar(128), t.nullable, true, false, 0, 0, t.table_object <> 0
FROM casement.types t;
