-- sp_grantdbaccess: a user of a login
CREATE PROCEDURE sys.sp_grantdbaccess @loginame sysname, @name_in_db sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'CREATE USER ' + QUOTENAME(ISNULL(@name_in_db, @loginame)) + N' FOR LOGIN ' + QUOTENAME(@loginame)
EXEC (@sql)
RETURN 0
