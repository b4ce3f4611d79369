-- sp_dropsrvrolemember: a member out of a server role
CREATE PROCEDURE sys.sp_dropsrvrolemember @loginame sysname, @rolename sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER SERVER ROLE ' + QUOTENAME(@rolename) + N' DROP MEMBER ' + QUOTENAME(@loginame)
EXEC (@sql)
RETURN 0
