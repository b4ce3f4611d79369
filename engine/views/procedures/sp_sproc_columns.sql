-- sp_sproc_columns: ODBC SQLProcedureColumns
CREATE PROCEDURE sys.sp_sproc_columns @procedure_name nvarchar(390) = '%', @procedure_owner nvarchar(384) = NULL, @procedure_qualifier sysname = NULL,
    @column_name nvarchar(384) = NULL, @ODBCVer int = 2, @fUsePattern bit = 1
AS
SET NOCOUNT ON
SELECT CONVERT(sysname, DB_NAME()) AS PROCEDURE_QUALIFIER, CONVERT(sysname, s.name) AS PROCEDURE_OWNER, CONVERT(nvarchar(134), o.name + CASE WHEN o.type = 'P' THEN ';1' ELSE ';0' END) AS PROCEDURE_NAME,
    CONVERT(sysname, x.name) AS COLUMN_NAME, CONVERT(smallint, x.column_type) AS COLUMN_TYPE,
    CONVERT(smallint, CASE WHEN x.max_length = -1 AND x.system_type_id = 231 THEN -9 WHEN x.max_length = -1 AND x.system_type_id = 167 THEN 12
         WHEN x.max_length = -1 AND x.system_type_id = 165 THEN -3 WHEN x.system_type_id = 243 THEN -153 WHEN @ODBCVer = 3 OR x.system_type_id IN (40, 41, 42, 43) THEN t.data_type ELSE t.data_type2 END) AS DATA_TYPE,
    CONVERT(sysname, CASE WHEN x.system_type_id = 243 THEN TYPE_NAME(x.user_type_id) ELSE t.type_name END) AS TYPE_NAME,
    CONVERT(int, CASE WHEN x.system_type_id IN (106, 108, 41, 42, 43) THEN x.precision WHEN x.max_length = -1 THEN 0 WHEN x.system_type_id IN (231, 239) THEN x.max_length / 2
         WHEN x.system_type_id IN (165, 167, 173, 175) THEN x.max_length ELSE t.size END) AS PRECISION,
    CONVERT(int, CASE WHEN x.system_type_id IN (106, 108) THEN x.precision + 2 WHEN x.max_length = -1 THEN 0 WHEN x.system_type_id IN (61, 58, 42) THEN 16 ELSE x.max_length END) AS LENGTH,
    CONVERT(smallint, CASE WHEN x.system_type_id IN (106, 108, 41, 42, 43) THEN x.scale ELSE t.maximum_scale END) AS SCALE, CONVERT(smallint, t.num_prec_radix) AS RADIX,
    CONVERT(smallint, 1) AS NULLABLE, CONVERT(varchar(254), NULL) AS REMARKS, CONVERT(nvarchar(4000), NULL) AS COLUMN_DEF,
    CONVERT(smallint, t.sql_data_type) AS SQL_DATA_TYPE, CONVERT(smallint, t.sql_datetime_sub) AS SQL_DATETIME_SUB,
    CONVERT(int, CASE WHEN x.system_type_id IN (165, 167, 173, 175, 231, 239) THEN x.max_length END) AS CHAR_OCTET_LENGTH,
    CONVERT(int, x.parameter_id) AS ORDINAL_POSITION, CONVERT(varchar(254), 'YES') AS IS_NULLABLE, CONVERT(tinyint, x.system_type_id) AS SS_DATA_TYPE
FROM sys.all_objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
JOIN (SELECT p.object_id, p.name, p.parameter_id, p.system_type_id, p.user_type_id, p.max_length, p.precision, p.scale,
             CASE WHEN p.parameter_id = 0 THEN 5 WHEN p.is_output = 1 THEN 2 ELSE 1 END AS column_type FROM sys.all_parameters p
      UNION ALL
      SELECT q.object_id, N'@RETURN_VALUE', 0, 56, 56, 4, 10, 0, 5 FROM sys.all_objects q WHERE q.type = 'P') AS x ON x.object_id = o.object_id
LEFT JOIN sys.spt_datatype_info t ON t.user_type_id = CASE WHEN x.user_type_id > 256 THEN x.system_type_id ELSE x.user_type_id END
WHERE o.type IN ('P', 'FN', 'TF', 'IF')
  AND (@procedure_name IS NULL OR (@fUsePattern = 1 AND o.name LIKE @procedure_name) OR (@fUsePattern = 0 AND o.name = @procedure_name))
  AND (@procedure_owner IS NULL OR (@fUsePattern = 1 AND s.name LIKE @procedure_owner) OR (@fUsePattern = 0 AND s.name = @procedure_owner))
  AND (@column_name IS NULL OR (@fUsePattern = 1 AND x.name LIKE @column_name) OR (@fUsePattern = 0 AND x.name = @column_name))
ORDER BY 1, 2, 3, 18
