-- sys.foreign_keys: foreign keys
CREATE VIEW sys.foreign_keys AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published, c.referenced AS referenced_object_id, c.referenced_index AS key_index_id,
    c.disabled AS is_disabled, c.not_for_replication AS is_not_for_replication, c.not_trusted AS is_not_trusted,
    c.delete_action::sys.tinyint AS delete_referential_action, (CASE c.delete_action WHEN 1 THEN 'CASCADE' WHEN 2 THEN 'SET_NULL' WHEN 3 THEN 'SET_DEFAULT' ELSE 'NO_ACTION' END)::sys.nvarchar(60) AS delete_referential_action_desc,
    c.update_action::sys.tinyint AS update_referential_action, (CASE c.update_action WHEN 1 THEN 'CASCADE' WHEN 2 THEN 'SET_NULL' WHEN 3 THEN 'SET_DEFAULT' ELSE 'NO_ACTION' END)::sys.nvarchar(60) AS update_referential_action_desc,
    c.system_named AS is_system_named
FROM casement.objects_seen o JOIN casement.constraints c ON c.object = o.id WHERE o.type = 'F';
