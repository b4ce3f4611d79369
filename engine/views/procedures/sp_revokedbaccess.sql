-- sp_revokedbaccess: drops a user
CREATE PROCEDURE sys.sp_revokedbaccess @name_in_db sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'DROP USER ' + QUOTENAME(@name_in_db)
EXEC (@sql)
RETURN 0
