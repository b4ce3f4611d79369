-- sp_droptype: drops an alias type
CREATE PROCEDURE sys.sp_droptype @typename sysname
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(500)
SET @sql = N'DROP TYPE ' + QUOTENAME(@typename)
EXEC (@sql)
RETURN 0
