-- sp_helpindex: indexes of a table
CREATE PROCEDURE sys.sp_helpindex @objname nvarchar(776)
AS
SET NOCOUNT ON
DECLARE @id int, @db sysname
SET @id = OBJECT_ID(@objname)
SET @db = DB_NAME()
IF @id IS NULL
BEGIN
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
SELECT i.name AS index_name,
    CONVERT(varchar(210), CASE WHEN i.index_id = 1 THEN 'clustered' ELSE 'nonclustered' END + CASE WHEN i.is_unique = 1 THEN ', unique' ELSE '' END
        + CASE WHEN i.is_primary_key = 1 THEN ', primary key' ELSE '' END + CASE WHEN i.is_unique_constraint = 1 THEN ', unique key' ELSE '' END + ' located on PRIMARY') AS index_description,
    CONVERT(nvarchar(2126), (SELECT STRING_AGG(CONVERT(nvarchar(max), COL_NAME(k.object_id, k.column_id) + CASE WHEN k.is_descending_key = 1 THEN N'(-)' ELSE N'' END), N', ') WITHIN GROUP (ORDER BY k.key_ordinal)
        FROM sys.index_columns k WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0)) AS index_keys
FROM sys.indexes i WHERE i.object_id = @id AND i.index_id > 0 ORDER BY i.name
RETURN 0
