-- sp_special_columns: ODBC SQLSpecialColumns
CREATE PROCEDURE sys.sp_special_columns @table_name sysname, @table_owner sysname = NULL, @table_qualifier sysname = NULL, @col_type char(1) = 'R', @scope char(1) = 'T', @nullable char(1) = 'U', @ODBCVer int = 2
AS
SET NOCOUNT ON
DECLARE @id int, @index int
SET @id = OBJECT_ID(QUOTENAME(ISNULL(@table_owner, 'dbo')) + '.' + QUOTENAME(@table_name))
IF @col_type = 'R'
    SELECT TOP 1 @index = i.index_id FROM sys.indexes i WHERE i.object_id = @id AND i.is_unique = 1 ORDER BY i.is_primary_key DESC, i.index_id
SELECT CONVERT(smallint, CASE WHEN @col_type = 'R' THEN CASE @scope WHEN 'C' THEN 0 ELSE 1 END END) AS SCOPE, CONVERT(sysname, c.name) AS COLUMN_NAME, CONVERT(smallint, CASE WHEN @ODBCVer = 3 THEN t.data_type ELSE t.data_type2 END) AS DATA_TYPE,
    CONVERT(sysname, CASE WHEN c.is_identity = 1 THEN t.type_name + ' identity' ELSE t.type_name END) AS TYPE_NAME,
    CONVERT(int, CASE WHEN c.system_type_id IN (106, 108, 41, 42, 43) THEN c.precision WHEN c.system_type_id IN (231, 239) THEN c.max_length / 2 WHEN c.system_type_id IN (165, 167, 173, 175) THEN c.max_length ELSE t.size END) AS PRECISION,
    CONVERT(int, CASE WHEN c.system_type_id IN (106, 108) THEN c.precision + 2 ELSE c.max_length END) AS LENGTH,
    CONVERT(smallint, CASE WHEN c.system_type_id IN (106, 108) THEN c.scale ELSE t.maximum_scale END) AS SCALE, CONVERT(smallint, 1) AS PSEUDO_COLUMN
FROM sys.columns c JOIN sys.spt_datatype_info t ON t.user_type_id = CASE WHEN c.user_type_id > 256 THEN c.system_type_id ELSE c.user_type_id END
LEFT JOIN sys.index_columns k ON k.object_id = c.object_id AND k.column_id = c.column_id AND k.index_id = @index
WHERE c.object_id = @id AND ((@col_type = 'R' AND k.key_ordinal > 0) OR (@col_type = 'V' AND c.system_type_id = 189))
ORDER BY k.key_ordinal
