-- sp_statistics: ODBC SQLStatistics
CREATE PROCEDURE sys.sp_statistics @table_name sysname, @table_owner sysname = NULL, @table_qualifier sysname = NULL,
    @index_name sysname = '%', @is_unique char(1) = 'N', @accuracy char(1) = 'Q'
AS
SET NOCOUNT ON
SELECT * FROM (
    SELECT CONVERT(sysname, DB_NAME()) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, o.name) AS TABLE_NAME,
        CONVERT(smallint, NULL) AS NON_UNIQUE, CONVERT(sysname, NULL) AS INDEX_QUALIFIER, CONVERT(sysname, NULL) AS INDEX_NAME, CONVERT(smallint, 0) AS TYPE,
        CONVERT(smallint, NULL) AS SEQ_IN_INDEX, CONVERT(sysname, NULL) AS COLUMN_NAME, CONVERT(char(1), NULL) AS COLLATION,
        CONVERT(int, p.rows) AS CARDINALITY, CONVERT(int, NULL) AS PAGES, CONVERT(varchar(128), NULL) AS FILTER_CONDITION
    FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
    JOIN sys.partitions p ON p.object_id = o.object_id AND p.index_id IN (0, 1)
    WHERE o.name = @table_name AND (@table_owner IS NULL OR s.name = @table_owner) AND o.type = 'U'
    UNION ALL
    SELECT CONVERT(sysname, DB_NAME()), CONVERT(sysname, s.name), CONVERT(sysname, o.name), CONVERT(smallint, CASE WHEN i.is_unique = 1 THEN 0 ELSE 1 END),
        CONVERT(sysname, o.name), CONVERT(sysname, i.name), CONVERT(smallint, CASE WHEN i.type = 1 THEN 1 ELSE 3 END), CONVERT(smallint, k.key_ordinal),
        CONVERT(sysname, c.name), CONVERT(char(1), CASE WHEN k.is_descending_key = 1 THEN 'D' ELSE 'A' END), CONVERT(int, NULL), CONVERT(int, NULL),
        CONVERT(varchar(128), NULL)
    FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
    JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
    JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
    WHERE o.name = @table_name AND (@table_owner IS NULL OR s.name = @table_owner) AND i.index_id > 0
      AND (@index_name IS NULL OR i.name LIKE @index_name) AND (@is_unique <> 'Y' OR i.is_unique = 1)
) AS x ORDER BY 4, 7, 6, 8
