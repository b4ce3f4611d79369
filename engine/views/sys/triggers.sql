-- sys.triggers: DML and DDL triggers
CREATE VIEW sys.triggers AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, (CASE WHEN o.parent <> 0 THEN 1 ELSE 0 END)::sys.tinyint AS parent_class,
    (CASE WHEN o.parent <> 0 THEN 'OBJECT_OR_COLUMN' ELSE 'DATABASE' END)::sys.nvarchar(60) AS parent_class_desc, o.parent AS parent_id,
    rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc, casement.moment(o.created) AS create_date,
    casement.moment(o.modified) AS modify_date, false AS is_ms_shipped, t.disabled AS is_disabled,
    t.not_for_replication AS is_not_for_replication, t.instead_of AS is_instead_of_trigger
FROM casement.objects_seen o JOIN casement.triggers t ON t.object = o.id;
