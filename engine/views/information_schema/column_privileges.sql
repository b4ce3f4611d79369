-- INFORMATION_SCHEMA.COLUMN_PRIVILEGES: column permissions
CREATE VIEW "INFORMATION_SCHEMA"."COLUMN_PRIVILEGES" AS
SELECT d.id AS _db, NULL::sys.nvarchar(128) AS "GRANTOR", NULL::sys.nvarchar(128) AS "GRANTEE", NULL::sys.nvarchar(128) AS "TABLE_CATALOG", NULL::sys.nvarchar(128) AS "TABLE_SCHEMA", NULL::sys.nvarchar(128) AS "TABLE_NAME", NULL::sys.nvarchar(128) AS "COLUMN_NAME",
    NULL::sys.varchar(10) AS "PRIVILEGE_TYPE", NULL::sys.varchar(10) AS "IS_GRANTABLE"
FROM casement.databases d WHERE false;
