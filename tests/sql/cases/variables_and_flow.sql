-- DECLARE, SET, SELECT into variables, IF, WHILE, BREAK, CONTINUE, GOTO, CASE, PRINT, RETURN.
DECLARE @i int = 3, @s varchar(20), @d decimal(5, 2) = 1.005
SET @s = 'v' + CAST(@i AS varchar(3))
SELECT @i AS i, @s AS s, @d AS d
GO
DECLARE @a int, @b varchar(5)
SELECT @a = n, @b = c FROM (VALUES (1, 'x'), (2, 'y')) AS v (n, c) ORDER BY n
SELECT @a AS a, @b AS b, @@ROWCOUNT AS rows_
GO
DECLARE @a int = 5
SELECT @a = 1 WHERE 1 = 0
SELECT @a AS unchanged
SET @a = (SELECT 1 WHERE 1 = 0)
SELECT @a AS nulled
SET @a += 1
SET @a = ISNULL(@a, 40)
SET @a += 2; SET @a *= 2; SET @a -= 4; SET @a /= 3; SET @a %= 7; SET @a |= 8; SET @a &= 12; SET @a ^= 1
SELECT @a AS computed
GO
DECLARE @i int = 0, @text varchar(50) = ''
WHILE 1 = 1
BEGIN
    SET @i = @i + 1
    IF @i = 2 CONTINUE
    IF @i > 4 BREAK
    SET @text = @text + CAST(@i AS varchar(2)) + ';'
END
PRINT @text
GO
DECLARE @x int = 2
IF @x = 1 PRINT 'one'
ELSE IF @x = 2 PRINT 'two'
ELSE PRINT 'many'
IF EXISTS (SELECT 1) AND NOT @x IS NULL BEGIN PRINT 'yes' END ELSE PRINT 'no'
GO
GOTO finish
PRINT 'skipped'
finish:
PRINT 'reached'
GO
SELECT CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END AS simple, CASE WHEN NULL = NULL THEN 1 ELSE 0 END AS searched, CASE WHEN 1 = 0 THEN 1 END AS none, IIF(1 < 2, 'less', 'more') AS iif_, CHOOSE(2, 'p', 'q') AS chosen
GO
PRINT 'before'
RETURN
PRINT 'after'
GO
PRINT 1 + 1
PRINT NULL
PRINT N'wide ' + N'𝄞'
GO
SELECT @never AS x
GO
DECLARE @twice int
DECLARE @twice int
GO
BREAK
GO
WHILE 1 = 1
GO
CREATE TABLE ordered (k int, c nvarchar(10) NULL)
INSERT ordered VALUES (3, N'c'), (1, N'a'), (2, N'b'), (4, NULL)
GO
DECLARE @x nvarchar(max) = N'', @i int = 0, @y nvarchar(max) = N'', @z nvarchar(max), @last int
SELECT @x = @x + N',' + c, @i = @i + 1, @last = k FROM ordered WHERE c IS NOT NULL ORDER BY k DESC
SELECT TOP 2 @y += c FROM ordered WHERE k < 4 ORDER BY k DESC
SELECT @z = COALESCE(@z + ', ', '') + QUOTENAME(name) FROM sys.columns WHERE object_id = OBJECT_ID('ordered') ORDER BY column_id DESC
SELECT @x AS x, @i AS i, @last AS last_k, @y AS y, @z AS z
GO
