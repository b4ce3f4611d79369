-- INFORMATION_SCHEMA.VIEWS: views
CREATE VIEW "INFORMATION_SCHEMA"."VIEWS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "TABLE_CATALOG", s.name::sys.nvarchar(128) AS "TABLE_SCHEMA", o.name::sys.nvarchar(128) AS "TABLE_NAME", left(m.definition, 4000)::sys.nvarchar(4000) AS "VIEW_DEFINITION",
    (CASE WHEN m.check_option THEN 'CASCADE' ELSE 'NONE' END)::sys.varchar(7) AS "CHECK_OPTION", 'NO'::sys.varchar(2) AS "IS_UPDATABLE"
FROM casement.objects o JOIN casement.modules m ON m.object = o.id JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema WHERE o.type = 'V';
