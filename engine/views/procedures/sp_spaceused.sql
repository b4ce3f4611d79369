-- sp_spaceused: space of a table or the database
CREATE PROCEDURE sys.sp_spaceused @objname nvarchar(776) = NULL, @updateusage varchar(5) = 'false'
AS
SET NOCOUNT ON
DECLARE @id int, @db sysname
SET @id = OBJECT_ID(@objname)
SET @db = DB_NAME()
IF @objname IS NULL
BEGIN
    SELECT @db AS database_name, CONVERT(varchar(18), '16.00 MB') AS database_size, CONVERT(varchar(18), '0.00 MB') AS [unallocated space]
    SELECT CONVERT(varchar(18), CONVERT(varchar(15), ISNULL(SUM(p.reserved_page_count), 0) * 8) + ' KB') AS reserved,
        CONVERT(varchar(18), CONVERT(varchar(15), ISNULL(SUM(p.in_row_data_page_count), 0) * 8) + ' KB') AS data,
        CONVERT(varchar(18), '0 KB') AS index_size, CONVERT(varchar(18), '0 KB') AS unused
    FROM sys.dm_db_partition_stats p
    RETURN 0
END
IF @id IS NULL
BEGIN
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
SELECT OBJECT_NAME(@id) AS name, CONVERT(char(20), MAX(p.row_count)) AS rows,
    CONVERT(varchar(18), CONVERT(varchar(15), ISNULL(SUM(p.reserved_page_count), 0) * 8) + ' KB') AS reserved,
    CONVERT(varchar(18), CONVERT(varchar(15), ISNULL(SUM(CASE WHEN p.index_id < 2 THEN p.in_row_data_page_count ELSE 0 END), 0) * 8) + ' KB') AS data,
    CONVERT(varchar(18), CONVERT(varchar(15), ISNULL(SUM(CASE WHEN p.index_id > 1 THEN p.used_page_count ELSE 0 END), 0) * 8) + ' KB') AS index_size, CONVERT(varchar(18), '0 KB') AS unused
FROM sys.dm_db_partition_stats p WHERE p.object_id = @id
RETURN 0
