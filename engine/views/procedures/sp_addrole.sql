-- sp_addrole: a database role
CREATE PROCEDURE sys.sp_addrole @rolename sysname, @ownername sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'CREATE ROLE ' + QUOTENAME(@rolename)
EXEC (@sql)
RETURN 0
