-- INFORMATION_SCHEMA.VIEW_TABLE_USAGE: tables that views use: names are resolved when a view is used, nothing is recorded
CREATE VIEW "INFORMATION_SCHEMA"."VIEW_TABLE_USAGE" AS
SELECT d.id AS _db, NULL::sys.nvarchar(128) AS "VIEW_CATALOG", NULL::sys.nvarchar(128) AS "VIEW_SCHEMA", NULL::sys.nvarchar(128) AS "VIEW_NAME", NULL::sys.nvarchar(128) AS "TABLE_CATALOG", NULL::sys.nvarchar(128) AS "TABLE_SCHEMA", NULL::sys.nvarchar(128) AS "TABLE_NAME"
FROM casement.databases d WHERE false;
