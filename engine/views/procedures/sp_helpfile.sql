-- sp_helpfile: files of the database
CREATE PROCEDURE sys.sp_helpfile @filename sysname = NULL
AS
SET NOCOUNT ON
SELECT f.name, CONVERT(smallint, f.file_id) AS fileid, f.physical_name AS filename, CASE f.type WHEN 0 THEN CONVERT(sysname, N'PRIMARY') END AS filegroup, CONVERT(nvarchar(18), CONVERT(nvarchar(15), f.size * 8) + N' KB') AS size,
    CONVERT(nvarchar(18), N'Unlimited') AS maxsize, CONVERT(nvarchar(18), CONVERT(nvarchar(15), f.growth * 8) + N' KB') AS growth, CONVERT(varchar(9), CASE f.type WHEN 0 THEN 'data only' ELSE 'log only' END) AS usage
FROM sys.database_files f WHERE @filename IS NULL OR f.name = @filename
