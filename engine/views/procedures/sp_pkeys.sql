-- sp_pkeys: ODBC SQLPrimaryKeys
CREATE PROCEDURE sys.sp_pkeys @table_name sysname, @table_owner sysname = NULL, @table_qualifier sysname = NULL
AS
SET NOCOUNT ON
SELECT CONVERT(sysname, DB_NAME()) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, o.name) AS TABLE_NAME,
    CONVERT(sysname, c.name) AS COLUMN_NAME, CONVERT(smallint, k.key_ordinal) AS KEY_SEQ, CONVERT(sysname, i.name) AS PK_NAME
FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE i.is_primary_key = 1 AND o.name = @table_name AND (@table_owner IS NULL OR s.name = @table_owner)
  AND (@table_qualifier IS NULL OR @table_qualifier = DB_NAME())
ORDER BY 1, 2, 3, 5
