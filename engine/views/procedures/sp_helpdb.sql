-- sp_helpdb: databases as an administrator sees them
CREATE PROCEDURE sys.sp_helpdb @dbname sysname = NULL
AS
SET NOCOUNT ON
IF @dbname IS NOT NULL AND DB_ID(@dbname) IS NULL
BEGIN
    RAISERROR(15010, -1, -1, @dbname)
    RETURN 1
END
SELECT d.name, CONVERT(nvarchar(13), N'      8.00 MB') AS db_size, SUSER_SNAME(d.owner_sid) AS owner, CONVERT(smallint, d.database_id) AS dbid,
    CONVERT(nvarchar(11), d.create_date) AS created,
    CONVERT(nvarchar(600), N'Status=' + d.state_desc + N', Updateability=' + CASE WHEN d.is_read_only = 1 THEN N'READ_ONLY' ELSE N'READ_WRITE' END
        + N', UserAccess=' + d.user_access_desc + N', Recovery=' + d.recovery_model_desc + N', Version=957, Collation=' + d.collation_name) AS status,
    d.compatibility_level
FROM sys.databases d WHERE @dbname IS NULL OR d.name = @dbname ORDER BY d.name
IF @dbname IS NOT NULL
    SELECT f.name, CONVERT(smallint, f.file_id) AS fileid, f.physical_name AS filename, CASE f.type WHEN 0 THEN N'PRIMARY' END AS filegroup,
        CONVERT(nvarchar(18), CONVERT(nvarchar(15), f.size * 8) + N' KB') AS size, CONVERT(nvarchar(18), N'Unlimited') AS maxsize,
        CONVERT(nvarchar(18), CONVERT(nvarchar(15), f.growth * 8) + N' KB') AS growth, CONVERT(varchar(9), CASE f.type WHEN 0 THEN 'data only' ELSE 'log only' END) AS usage
    FROM sys.master_files f WHERE f.database_id = DB_ID(@dbname)
RETURN 0
