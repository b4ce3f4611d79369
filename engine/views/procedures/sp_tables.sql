-- sp_tables: ODBC SQLTables
CREATE PROCEDURE sys.sp_tables @table_name nvarchar(384) = NULL, @table_owner nvarchar(384) = NULL,
    @table_qualifier sysname = NULL, @table_type varchar(100) = NULL, @fUsePattern bit = 1
AS
SET NOCOUNT ON
IF @table_name = '' AND @table_owner = '' AND @table_qualifier = '%'
    SELECT CONVERT(sysname, d.name) AS TABLE_QUALIFIER, CONVERT(sysname, NULL) AS TABLE_OWNER, CONVERT(sysname, NULL) AS TABLE_NAME,
           CONVERT(varchar(32), NULL) AS TABLE_TYPE, CONVERT(varchar(254), NULL) AS REMARKS
    FROM sys.databases d ORDER BY 1
ELSE IF @table_name = '' AND @table_owner = '%' AND ISNULL(@table_qualifier, '') = ''
    SELECT CONVERT(sysname, NULL) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, NULL) AS TABLE_NAME,
           CONVERT(varchar(32), NULL) AS TABLE_TYPE, CONVERT(varchar(254), NULL) AS REMARKS
    FROM sys.schemas s ORDER BY 2
ELSE IF @table_name = '' AND ISNULL(@table_owner, '') = '' AND ISNULL(@table_qualifier, '') = '' AND @table_type = '%'
    SELECT CONVERT(sysname, NULL) AS TABLE_QUALIFIER, CONVERT(sysname, NULL) AS TABLE_OWNER, CONVERT(sysname, NULL) AS TABLE_NAME,
           CONVERT(varchar(32), t.n) AS TABLE_TYPE, CONVERT(varchar(254), NULL) AS REMARKS
    FROM (SELECT 'SYSTEM TABLE' AS n UNION ALL SELECT 'TABLE' UNION ALL SELECT 'VIEW') AS t ORDER BY 4
ELSE
    SELECT CONVERT(sysname, DB_NAME()) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, o.name) AS TABLE_NAME,
           CONVERT(varchar(32), CASE WHEN o.type = 'U' THEN 'TABLE' WHEN o.type = 'V' THEN 'VIEW' ELSE 'SYSTEM TABLE' END) AS TABLE_TYPE,
           CONVERT(varchar(254), NULL) AS REMARKS
    FROM sys.all_objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
    WHERE o.type IN ('U', 'V')
      AND (@table_name IS NULL OR (@fUsePattern = 1 AND o.name LIKE @table_name) OR (@fUsePattern = 0 AND o.name = @table_name))
      AND (@table_owner IS NULL OR (@fUsePattern = 1 AND s.name LIKE @table_owner) OR (@fUsePattern = 0 AND s.name = @table_owner))
      AND (@table_qualifier IS NULL OR @table_qualifier = '%' OR @table_qualifier = DB_NAME())
      AND (@table_type IS NULL OR @table_type = '%'
           OR (o.type = 'U' AND CHARINDEX(CHAR(39) + 'TABLE' + CHAR(39), UPPER(@table_type)) > 0)
           OR (o.type = 'V' AND CHARINDEX(CHAR(39) + 'VIEW' + CHAR(39), UPPER(@table_type)) > 0)
           OR UPPER(@table_type) = CASE WHEN o.type = 'U' THEN 'TABLE' ELSE 'VIEW' END)
    ORDER BY 4, 1, 2, 3
