-- INFORMATION_SCHEMA.TABLES: tables and views
CREATE VIEW "INFORMATION_SCHEMA"."TABLES" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "TABLE_CATALOG", s.name::sys.nvarchar(128) AS "TABLE_SCHEMA", o.name::sys.nvarchar(128) AS "TABLE_NAME",
    (CASE o.type WHEN 'U' THEN 'BASE TABLE' ELSE 'VIEW' END)::sys.varchar(10) AS "TABLE_TYPE"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
WHERE o.type IN ('U', 'V') AND o.key NOT LIKE '@%';
