-- INFORMATION_SCHEMA.CHECK_CONSTRAINTS: CHECK constraints
CREATE VIEW "INFORMATION_SCHEMA"."CHECK_CONSTRAINTS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "CONSTRAINT_CATALOG", s.name::sys.nvarchar(128) AS "CONSTRAINT_SCHEMA", o.name::sys.nvarchar(128) AS "CONSTRAINT_NAME", n.definition::sys.nvarchar(4000) AS "CHECK_CLAUSE"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.constraints n ON n.object = o.id WHERE o.type = 'C';
