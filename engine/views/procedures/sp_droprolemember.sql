-- sp_droprolemember: a member out of a role
CREATE PROCEDURE sys.sp_droprolemember @rolename sysname, @membername sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER ROLE ' + QUOTENAME(@rolename) + N' DROP MEMBER ' + QUOTENAME(@membername)
EXEC (@sql)
RETURN 0
