-- sys.parameters: parameters of procedures and functions
CREATE VIEW sys.parameters AS
SELECT o.database AS _db, p.object AS object_id, p.name::sys.nvarchar(128) AS name, p.id AS parameter_id, p.system_type::sys.tinyint AS system_type_id,
    p.user_type AS user_type_id, p.max_length::int2 AS max_length, p.precision::sys.tinyint AS precision, p.scale::sys.tinyint AS scale,
    p.output AS is_output, p.cursor AS is_cursor_ref, (p.default_text IS NOT NULL) AS has_default_value, false AS is_xml_document,
    NULL::sys.sql_variant AS default_value, 0::int4 AS xml_collection_id, p.readonly AS is_readonly, true AS is_nullable,
    NULL::int4 AS encryption_type, NULL::sys.nvarchar(60) AS encryption_type_desc, NULL::sys.nvarchar(128) AS encryption_algorithm_name,
    NULL::int4 AS column_encryption_key_id, NULL::sys.nvarchar(128) AS column_encryption_key_database_name
FROM casement.parameters p JOIN casement.objects o ON o.id = p.object WHERE p.number = 1;
