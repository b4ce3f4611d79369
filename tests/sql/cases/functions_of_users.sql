-- Scalar, inline table-valued and multi-statement functions; what they may not do.
CREATE FUNCTION dbo.twice (@n int) RETURNS int AS BEGIN RETURN @n * 2 END
GO
SELECT dbo.twice(4) AS eight, dbo.twice(NULL) AS nothing
GO
SELECT twice(4)
GO
CREATE FUNCTION dbo.initials (@name nvarchar(100)) RETURNS nvarchar(10) AS
BEGIN
    DECLARE @out nvarchar(10) = N'', @i int = 1
    WHILE @i <= LEN(@name)
    BEGIN
        IF @i = 1 OR SUBSTRING(@name, @i - 1, 1) = ' '
            SET @out = @out + UPPER(SUBSTRING(@name, @i, 1))
        SET @i = @i + 1
    END
    RETURN @out
END
GO
SELECT dbo.initials(N'ada king lovelace') AS i
GO
CREATE FUNCTION dbo.numbers (@up int) RETURNS TABLE AS RETURN (SELECT n FROM (VALUES (1), (2), (3), (4)) AS v (n) WHERE n <= @up)
GO
SELECT * FROM dbo.numbers(2) ORDER BY n
SELECT a.n, b.n AS m FROM dbo.numbers(2) a CROSS APPLY dbo.numbers(a.n) b ORDER BY 1, 2
GO
CREATE FUNCTION dbo.squares (@up int) RETURNS @t TABLE (n int NOT NULL PRIMARY KEY, s int) AS
BEGIN
    DECLARE @i int = 1
    WHILE @i <= @up
    BEGIN
        INSERT INTO @t VALUES (@i, @i * @i)
        SET @i += 1
    END
    RETURN
END
GO
SELECT n, s FROM dbo.squares(3) WHERE s > 1 ORDER BY n
GO
CREATE FUNCTION dbo.with_default (@a int, @b int = 5) RETURNS int AS BEGIN RETURN @a + @b END
GO
SELECT dbo.with_default(1, DEFAULT) AS six
GO
SELECT dbo.with_default(1) AS refused
GO
CREATE TABLE t (n int)
GO
CREATE FUNCTION dbo.writes () RETURNS int AS BEGIN INSERT INTO t VALUES (1) RETURN 1 END
GO
DROP FUNCTION dbo.twice
SELECT dbo.twice(1)
GO
