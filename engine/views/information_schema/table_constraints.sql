-- INFORMATION_SCHEMA.TABLE_CONSTRAINTS: keys and checks of tables
CREATE VIEW "INFORMATION_SCHEMA"."TABLE_CONSTRAINTS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "CONSTRAINT_CATALOG", s.name::sys.nvarchar(128) AS "CONSTRAINT_SCHEMA", o.name::sys.nvarchar(128) AS "CONSTRAINT_NAME", d.name::sys.nvarchar(128) AS "TABLE_CATALOG", ts.name::sys.nvarchar(128) AS "TABLE_SCHEMA", t.name::sys.nvarchar(128) AS "TABLE_NAME",
    (CASE o.type WHEN 'PK' THEN 'PRIMARY KEY' WHEN 'UQ' THEN 'UNIQUE' WHEN 'F' THEN 'FOREIGN KEY' ELSE 'CHECK' END)::sys.varchar(11) AS "CONSTRAINT_TYPE",
    'NO'::sys.varchar(2) AS "IS_DEFERRABLE", 'NO'::sys.varchar(2) AS "INITIALLY_DEFERRED"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.objects t ON t.id = o.parent JOIN casement.schemas ts ON ts.database = t.database AND ts.id = t.schema WHERE o.type IN ('PK', 'UQ', 'F', 'C');
