-- INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS: foreign keys
CREATE VIEW "INFORMATION_SCHEMA"."REFERENTIAL_CONSTRAINTS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "CONSTRAINT_CATALOG", s.name::sys.nvarchar(128) AS "CONSTRAINT_SCHEMA", o.name::sys.nvarchar(128) AS "CONSTRAINT_NAME", d.name::sys.nvarchar(128) AS "UNIQUE_CONSTRAINT_CATALOG", us.name::sys.nvarchar(128) AS "UNIQUE_CONSTRAINT_SCHEMA", i.name::sys.nvarchar(128) AS "UNIQUE_CONSTRAINT_NAME",
    'SIMPLE'::sys.varchar(7) AS "MATCH_OPTION", replace(CASE n.update_action WHEN 1 THEN 'CASCADE' WHEN 2 THEN 'SET NULL' WHEN 3 THEN 'SET DEFAULT' ELSE 'NO ACTION' END, '_', ' ')::sys.varchar(11) AS "UPDATE_RULE",
    (CASE n.delete_action WHEN 1 THEN 'CASCADE' WHEN 2 THEN 'SET NULL' WHEN 3 THEN 'SET DEFAULT' ELSE 'NO ACTION' END)::sys.varchar(11) AS "DELETE_RULE"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.objects t ON t.id = o.parent JOIN casement.schemas ts ON ts.database = t.database AND ts.id = t.schema JOIN casement.constraints n ON n.object = o.id
JOIN casement.objects u ON u.id = n.referenced JOIN casement.schemas us ON us.database = u.database AND us.id = u.schema
LEFT JOIN casement.indexes i ON i.object = n.referenced AND i.id = n.referenced_index WHERE o.type = 'F';
