-- sp_addlogin: a login
CREATE PROCEDURE sys.sp_addlogin @loginame sysname, @passwd sysname = NULL, @defdb sysname = 'master', @deflanguage sysname = NULL, @sid varbinary(16) = NULL, @encryptopt varchar(20) = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'CREATE LOGIN ' + QUOTENAME(@loginame) + N' WITH PASSWORD = N''' + REPLACE(ISNULL(@passwd, N''), N'''', N'''''') + N''', DEFAULT_DATABASE = ' + QUOTENAME(ISNULL(@defdb, N'master')) + N', CHECK_POLICY = OFF'
EXEC (@sql)
RETURN 0
