-- sp_defaultlanguage: a login's language
CREATE PROCEDURE sys.sp_defaultlanguage @loginame sysname, @language sysname = NULL
AS
SET NOCOUNT ON
DECLARE @sql nvarchar(1000)
SET @sql = N'ALTER LOGIN ' + QUOTENAME(@loginame) + N' WITH DEFAULT_LANGUAGE = ' + QUOTENAME(ISNULL(@language, N'us_english'))
EXEC (@sql)
RETURN 0
