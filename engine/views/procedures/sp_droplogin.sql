-- sp_droplogin: drops a login
CREATE PROCEDURE sys.sp_droplogin @loginame sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'DROP LOGIN ' + QUOTENAME(@loginame)
EXEC (@sql)
RETURN 0
