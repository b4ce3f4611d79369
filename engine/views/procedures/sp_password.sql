-- sp_password: a login's password
CREATE PROCEDURE sys.sp_password @old sysname = NULL, @new sysname, @loginame sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER LOGIN ' + QUOTENAME(ISNULL(@loginame, SUSER_SNAME())) + N' WITH PASSWORD = N''' + REPLACE(@new, N'''', N'''''') + N''''
EXEC (@sql)
RETURN 0
