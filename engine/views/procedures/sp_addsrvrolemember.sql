-- sp_addsrvrolemember: a member for a server role
CREATE PROCEDURE sys.sp_addsrvrolemember @loginame sysname, @rolename sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER SERVER ROLE ' + QUOTENAME(@rolename) + N' ADD MEMBER ' + QUOTENAME(@loginame)
EXEC (@sql)
RETURN 0
