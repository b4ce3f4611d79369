-- sys.synonyms: synonyms
CREATE VIEW sys.synonyms AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published,
    (coalesce('[' || s.server_part || '].', '') || coalesce('[' || s.database_part || '].', '')
     || coalesce('[' || s.schema_part || '].', '') || '[' || s.object_part || ']')::sys.nvarchar(1035) AS base_object_name
FROM casement.objects_seen o JOIN casement.synonyms s ON s.object = o.id;
