-- sp_defaultdb: a login's default database
CREATE PROCEDURE sys.sp_defaultdb @loginame sysname, @defdb sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER LOGIN ' + QUOTENAME(@loginame) + N' WITH DEFAULT_DATABASE = ' + QUOTENAME(@defdb)
EXEC (@sql)
RETURN 0
