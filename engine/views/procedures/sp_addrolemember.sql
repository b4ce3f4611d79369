-- sp_addrolemember: a member for a role
CREATE PROCEDURE sys.sp_addrolemember @rolename sysname, @membername sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER ROLE ' + QUOTENAME(@rolename) + N' ADD MEMBER ' + QUOTENAME(@membername)
EXEC (@sql)
RETURN 0
