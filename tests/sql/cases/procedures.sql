-- Procedures: parameters in and out, defaults, return values, nesting, result sets, errors inside.
CREATE PROCEDURE add_up @a int, @b int = 10, @sum int OUTPUT
AS
SET @sum = @a + @b
RETURN @sum * 2
GO
DECLARE @r int, @s int
EXEC @r = add_up 1, 2, @s OUTPUT
SELECT @r AS returned, @s AS summed
EXEC @r = add_up @sum = @s OUTPUT, @a = 5
SELECT @r AS returned, @s AS summed
EXEC add_up 1, DEFAULT, @s OUT
SELECT @s AS summed
GO
EXEC add_up
GO
EXEC add_up 1, 2, 3, 4
GO
EXEC add_up @a = 1, @nope = 2
GO
CREATE PROC two_sets AS
BEGIN
    SELECT 1 AS first_
    SELECT 'two' AS second_, N'três' AS third
END
GO
two_sets
GO
CREATE TABLE results (n int)
GO
CREATE PROC many @n int AS SELECT value FROM (VALUES (1), (2), (3)) AS v (value) WHERE value <= @n
GO
INSERT INTO results EXEC many 2
SELECT * FROM results ORDER BY n
GO
CREATE PROC fails AS
PRINT 'line 2'
SELECT 1/0 AS never
PRINT 'goes on'
RETURN 7
GO
DECLARE @r int
EXEC @r = fails
SELECT @r AS r
GO
CREATE PROC factorial @n int, @out bigint OUTPUT AS
IF @n <= 1 SET @out = 1
ELSE
BEGIN
    DECLARE @less int = @n - 1
    EXEC factorial @less, @out OUTPUT
    SET @out = @out * @n
END
GO
DECLARE @f bigint
EXEC factorial 15, @f OUTPUT
SELECT @f AS f, @@NESTLEVEL AS level_
GO
CREATE PROC deep AS EXEC deep
GO
EXEC deep
GO
ALTER PROC two_sets AS SELECT 'altered' AS a
GO
EXEC two_sets
DROP PROC two_sets
EXEC two_sets
GO
DECLARE @sql nvarchar(100) = N'SELECT @x + @y AS total, @@NESTLEVEL AS level_'
EXEC sp_executesql @sql, N'@x int, @y int = 4', @x = 3
EXEC ('SELECT ' + '1' + ' AS dynamic')
DECLARE @o int
EXEC sp_executesql N'SET @p = 9', N'@p int OUTPUT', @p = @o OUTPUT
SELECT @o AS o
GO
DECLARE @name sysname = 'many'
EXEC @name 1
GO
CREATE PROC needs_table AS SELECT * FROM later_made
GO
EXEC needs_table
GO
CREATE TABLE later_made (a int)
EXEC needs_table
GO
