-- sp_helptext: the text of a module, a line a row
CREATE PROCEDURE sys.sp_helptext @objname nvarchar(776), @columnname sysname = NULL
AS
SET NOCOUNT ON
DECLARE @text nvarchar(max), @position int, @id int
SET @id = OBJECT_ID(@objname)
IF @id IS NULL
BEGIN
    DECLARE @db sysname
    SET @db = DB_NAME()
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
SET @text = OBJECT_DEFINITION(@id)
IF @text IS NULL
BEGIN
    RAISERROR(15197, -1, -1, @objname)
    RETURN 1
END
DECLARE @lines TABLE (n int IDENTITY(1, 1), Text nvarchar(255))
WHILE LEN(@text + N'.') > 1
BEGIN
    SET @position = CHARINDEX(NCHAR(10), @text)
    IF @position = 0 OR @position > 255
        SET @position = CASE WHEN LEN(@text + N'.') - 1 > 255 THEN 255 ELSE LEN(@text + N'.') - 1 END
    INSERT @lines (Text) VALUES (SUBSTRING(@text, 1, @position))
    SET @text = SUBSTRING(@text, @position + 1, 2147483647)
END
SELECT Text FROM @lines ORDER BY n
RETURN 0
