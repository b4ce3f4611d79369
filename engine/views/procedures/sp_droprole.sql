-- sp_droprole: drops a database role
CREATE PROCEDURE sys.sp_droprole @rolename sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'DROP ROLE ' + QUOTENAME(@rolename)
EXEC (@sql)
RETURN 0
