-- INFORMATION_SCHEMA.SCHEMATA: schemas
CREATE VIEW "INFORMATION_SCHEMA"."SCHEMATA" AS
SELECT s.database AS _db, d.name::sys.nvarchar(128) AS "CATALOG_NAME", s.name::sys.nvarchar(128) AS "SCHEMA_NAME", p.name::sys.nvarchar(128) AS "SCHEMA_OWNER",
    NULL::sys.varchar(6) AS "DEFAULT_CHARACTER_SET_CATALOG", NULL::sys.varchar(3) AS "DEFAULT_CHARACTER_SET_SCHEMA", 'iso_1'::sys.nvarchar(128) AS "DEFAULT_CHARACTER_SET_NAME"
FROM casement.schemas s JOIN casement.databases d ON d.id = s.database
LEFT JOIN casement.database_principals p ON p.database = s.database AND p.id = s.owner;
