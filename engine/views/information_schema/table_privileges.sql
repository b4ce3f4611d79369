-- INFORMATION_SCHEMA.TABLE_PRIVILEGES: table permissions
CREATE VIEW "INFORMATION_SCHEMA"."TABLE_PRIVILEGES" AS
SELECT p.database AS _db, g.name::sys.nvarchar(128) AS "GRANTOR", u.name::sys.nvarchar(128) AS "GRANTEE", d.name::sys.nvarchar(128) AS "TABLE_CATALOG", s.name::sys.nvarchar(128) AS "TABLE_SCHEMA", o.name::sys.nvarchar(128) AS "TABLE_NAME",
    p.permission::sys.varchar(10) AS "PRIVILEGE_TYPE", (CASE p.state WHEN 'W' THEN 'YES' ELSE 'NO' END)::sys.varchar(10) AS "IS_GRANTABLE"
FROM casement.permissions p JOIN casement.objects o ON o.id = p.major JOIN casement.databases d ON d.id = p.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.database_principals u ON u.database = p.database AND u.id = p.grantee
JOIN casement.database_principals g ON g.database = p.database AND g.id = p.grantor
WHERE p.class = 1 AND p.minor = 0 AND p.state <> 'D' AND o.type IN ('U', 'V');
