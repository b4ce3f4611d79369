-- INFORMATION_SCHEMA.CONSTRAINT_TABLE_USAGE: tables that constraints are on
CREATE VIEW "INFORMATION_SCHEMA"."CONSTRAINT_TABLE_USAGE" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "TABLE_CATALOG", ts.name::sys.nvarchar(128) AS "TABLE_SCHEMA", t.name::sys.nvarchar(128) AS "TABLE_NAME", d.name::sys.nvarchar(128) AS "CONSTRAINT_CATALOG", s.name::sys.nvarchar(128) AS "CONSTRAINT_SCHEMA", o.name::sys.nvarchar(128) AS "CONSTRAINT_NAME"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.objects t ON t.id = o.parent JOIN casement.schemas ts ON ts.database = t.database AND ts.id = t.schema WHERE o.type IN ('PK', 'UQ', 'F', 'C');
