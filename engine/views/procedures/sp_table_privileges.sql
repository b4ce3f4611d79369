-- sp_table_privileges: ODBC SQLTablePrivileges
CREATE PROCEDURE sys.sp_table_privileges @table_name nvarchar(384), @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL, @fUsePattern bit = 1
AS
SET NOCOUNT ON
SELECT CONVERT(sysname, DB_NAME()) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, o.name) AS TABLE_NAME, CONVERT(sysname, N'dbo') AS GRANTOR,
    CONVERT(sysname, N'dbo') AS GRANTEE, CONVERT(varchar(32), p.name) AS PRIVILEGE, CONVERT(varchar(3), 'YES') AS IS_GRANTABLE
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
CROSS JOIN (VALUES ('DELETE'), ('INSERT'), ('REFERENCES'), ('SELECT'), ('UPDATE')) AS p(name)
WHERE o.type IN ('U', 'V') AND o.name LIKE @table_name AND (@table_owner IS NULL OR s.name LIKE @table_owner) ORDER BY 1, 2, 3, 6
