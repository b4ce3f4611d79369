-- sp_configure: settings of the server
CREATE PROCEDURE sys.sp_configure @configname varchar(35) = NULL, @configvalue int = NULL
AS
SET NOCOUNT ON
DECLARE @full sysname
IF @configname IS NOT NULL
BEGIN
    SELECT @full = c.name FROM sys.configurations c WHERE c.name LIKE '%' + @configname + '%'
    IF @full IS NULL
    BEGIN
        RAISERROR(15123, -1, -1, @configname)
        RETURN 1
    END
    IF @configvalue IS NOT NULL
    BEGIN
        EXEC sys.sp_configure_set @full, @configvalue
        RETURN 0
    END
END
SELECT c.name, CONVERT(int, c.minimum) AS minimum, CONVERT(int, c.maximum) AS maximum, CONVERT(int, c.value) AS config_value, CONVERT(int, c.value_in_use) AS run_value
FROM sys.configurations c
WHERE (@full IS NULL AND (c.is_advanced = 0 OR EXISTS (SELECT * FROM sys.configurations a WHERE a.name = 'show advanced options' AND CONVERT(int, a.value_in_use) = 1))) OR c.name = @full ORDER BY c.name
RETURN 0
