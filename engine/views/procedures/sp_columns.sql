-- sp_columns: ODBC SQLColumns
CREATE PROCEDURE sys.sp_columns @table_name nvarchar(384), @table_owner nvarchar(384) = NULL, @table_qualifier sysname = NULL,
    @column_name nvarchar(384) = NULL, @ODBCVer int = 2, @fUsePattern bit = 1
AS
SET NOCOUNT ON
    SELECT CONVERT(sysname, DB_NAME()) AS TABLE_QUALIFIER, CONVERT(sysname, s.name) AS TABLE_OWNER, CONVERT(sysname, o.name) AS TABLE_NAME,
        CONVERT(sysname, c.name) AS COLUMN_NAME,
        CONVERT(smallint, CASE WHEN c.max_length = -1 AND c.system_type_id = 231 THEN -10 WHEN c.max_length = -1 AND c.system_type_id = 167 THEN -1
             WHEN c.max_length = -1 AND c.system_type_id = 165 THEN -4 WHEN @ODBCVer = 3  THEN t.data_type ELSE t.data_type2 END) AS DATA_TYPE,
        CONVERT(sysname, CASE WHEN c.is_identity = 1 THEN t.type_name + ' identity' WHEN c.user_type_id > 256 THEN TYPE_NAME(c.user_type_id) ELSE t.type_name END) AS TYPE_NAME,
        CONVERT(int, CASE WHEN c.system_type_id IN (106, 108, 41, 42, 43) THEN c.precision
             WHEN c.max_length = -1 AND c.system_type_id IN (167, 165, 231) THEN CASE WHEN c.system_type_id = 231 THEN 1073741823 ELSE 2147483647 END
             WHEN c.system_type_id IN (231, 239) THEN c.max_length / 2 WHEN c.system_type_id IN (165, 167, 173, 175) THEN c.max_length
             ELSE t.size END) AS PRECISION,
        CONVERT(int, CASE WHEN c.system_type_id IN (106, 108) THEN c.precision + 2
             WHEN c.max_length = -1 AND c.system_type_id IN (167, 165, 231) THEN CASE WHEN c.system_type_id = 231 THEN 2147483646 ELSE 2147483647 END
             WHEN c.system_type_id IN (35, 34) THEN 2147483647 WHEN c.system_type_id = 99 THEN 2147483646
             WHEN c.system_type_id IN (61, 58, 42) THEN 16 WHEN c.system_type_id = 40 THEN 20 WHEN c.system_type_id = 41 THEN 12 WHEN c.system_type_id = 43 THEN 20
             WHEN c.system_type_id = 60 THEN 21 WHEN c.system_type_id = 122 THEN 12 WHEN c.system_type_id = 36 THEN 16 WHEN c.system_type_id = 98 THEN 8000
             ELSE c.max_length END) AS LENGTH,
        CONVERT(smallint, CASE WHEN c.system_type_id IN (106, 108, 41, 42, 43) THEN c.scale ELSE t.maximum_scale END) AS SCALE,
        CONVERT(smallint, t.num_prec_radix) AS RADIX,
        CONVERT(smallint, c.is_nullable) AS NULLABLE, CONVERT(varchar(254), NULL) AS REMARKS,
        CONVERT(nvarchar(4000), OBJECT_DEFINITION(c.default_object_id)) AS COLUMN_DEF,
        CONVERT(smallint, CASE WHEN c.max_length = -1 AND c.system_type_id = 231 THEN -9 WHEN c.max_length = -1 AND c.system_type_id = 167 THEN 12 ELSE t.sql_data_type END) AS SQL_DATA_TYPE,
        CONVERT(smallint, t.sql_datetime_sub) AS SQL_DATETIME_SUB,
        CONVERT(int, CASE WHEN c.system_type_id IN (35, 34) THEN 2147483647 WHEN c.system_type_id = 99 THEN 2147483646
             WHEN c.max_length = -1 THEN CASE WHEN c.system_type_id = 231 THEN 2147483646 ELSE 2147483647 END WHEN c.system_type_id IN (165, 167, 173, 175, 231, 239) THEN c.max_length END) AS CHAR_OCTET_LENGTH,
        CONVERT(int, COLUMNPROPERTY(c.object_id, c.name, 'ordinal')) AS ORDINAL_POSITION,
        CONVERT(varchar(254), CASE WHEN c.is_nullable = 1 THEN 'YES' ELSE 'NO' END) AS IS_NULLABLE,
        CONVERT(tinyint, CASE WHEN c.system_type_id = 127 THEN CASE WHEN c.is_nullable = 1 THEN 108 ELSE 63 END
             WHEN c.system_type_id IN (48, 52, 56) AND c.is_nullable = 1 THEN 38 WHEN c.system_type_id IN (59, 62) AND c.is_nullable = 1 THEN 109
             WHEN c.system_type_id IN (60, 122) AND c.is_nullable = 1 THEN 110 WHEN c.system_type_id IN (58, 61) AND c.is_nullable = 1 THEN 111
             WHEN c.system_type_id = 104 AND c.is_nullable = 1 THEN 50 WHEN c.system_type_id IN (167, 231) THEN 39 WHEN c.system_type_id IN (175, 239) THEN CASE WHEN c.is_nullable = 1 THEN 39 ELSE 47 END
             WHEN c.system_type_id = 165 THEN 37 WHEN c.system_type_id IN (173, 189) THEN CASE WHEN c.is_nullable = 1 THEN 37 ELSE 45 END
             WHEN c.system_type_id = 36 THEN 37 WHEN c.system_type_id = 241 THEN 0 WHEN c.system_type_id IN (40, 41, 42, 43) THEN 0
             WHEN c.system_type_id IN (106, 108) AND c.is_nullable = 0 THEN CASE c.system_type_id WHEN 106 THEN 55 ELSE 63 END ELSE c.system_type_id END) AS SS_DATA_TYPE
    FROM sys.all_columns c JOIN sys.all_objects o ON o.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
    JOIN sys.spt_datatype_info t ON t.user_type_id = CASE WHEN c.user_type_id > 256 THEN c.system_type_id ELSE c.user_type_id END
    WHERE o.type IN ('U', 'V', 'IF', 'TF')
      AND (@table_name IS NULL OR (@fUsePattern = 1 AND o.name LIKE @table_name) OR (@fUsePattern = 0 AND o.name = @table_name))
      AND (@table_owner IS NULL OR (@fUsePattern = 1 AND s.name LIKE @table_owner) OR (@fUsePattern = 0 AND s.name = @table_owner))
      AND (@table_qualifier IS NULL OR @table_qualifier = DB_NAME())
      AND (@column_name IS NULL OR (@fUsePattern = 1 AND c.name LIKE @column_name) OR (@fUsePattern = 0 AND c.name = @column_name))
    ORDER BY 2, 3, 17
