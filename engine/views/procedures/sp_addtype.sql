-- sp_addtype: an alias type, as SQL Server 2000 made it
CREATE PROCEDURE sys.sp_addtype @typename sysname, @phystype sysname, @nulltype varchar(8) = NULL, @owner sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'CREATE TYPE ' + CASE WHEN @owner IS NULL THEN N'' ELSE QUOTENAME(@owner) + N'.' END + QUOTENAME(@typename) + N' FROM ' + @phystype
    + CASE WHEN UPPER(@nulltype) IN ('NOT NULL', 'NONULL') THEN N' NOT NULL' WHEN UPPER(@nulltype) = 'NULL' THEN N' NULL' ELSE N'' END
EXEC (@sql)
RETURN 0
