-- sp_depends: what depends on what: not recorded
CREATE PROCEDURE sys.sp_depends @objname nvarchar(776)
AS
SET NOCOUNT ON
DECLARE @db sysname
SET @db = DB_NAME()
IF OBJECT_ID(@objname) IS NULL
BEGIN
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
RETURN 0
