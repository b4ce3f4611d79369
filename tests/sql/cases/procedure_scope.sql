-- What a procedure or EXEC gives back to its caller: options, #tables, variables, INSERT ... EXEC.
CREATE TABLE rows_ (a int NULL, b varchar(10) NULL, id int IDENTITY NOT NULL)
GO
CREATE PROC options_ AS
SET NOCOUNT ON
SET ROWCOUNT 1
SET DATEFIRST 3
SELECT n FROM (VALUES (1), (2)) AS v (n)
GO
EXEC options_
SELECT n, @@DATEFIRST AS first_ FROM (VALUES (1), (2)) AS v (n)
GO
EXEC ('SET DATEFIRST 2; CREATE TABLE #inner (a int); SELECT @@DATEFIRST AS inside')
SELECT @@DATEFIRST AS outside
SELECT * FROM #inner
GO
CREATE TABLE #shared (a int)
EXEC ('INSERT INTO #shared VALUES (7)')
SELECT a FROM #shared
GO
CREATE PROC inserts AS
INSERT INTO rows_ (a, b) VALUES (1, 'inside')
SELECT SCOPE_IDENTITY() AS mine
GO
INSERT INTO rows_ (a, b) VALUES (0, 'outside')
EXEC inserts
SELECT SCOPE_IDENTITY() AS scope_, @@IDENTITY AS any_
GO
CREATE PROC two AS
SELECT 10, 'ten'
SELECT 11, 'eleven'
PRINT 'printed'
RETURN 3
GO
DECLARE @rc int
INSERT INTO rows_ (a, b) EXEC @rc = two
SELECT @@ROWCOUNT AS n, @rc AS rc
INSERT INTO rows_ (a, b) EXEC ('SELECT 12, ''twelve''')
INSERT INTO rows_ (a) EXEC two
SELECT a, b FROM rows_ WHERE a >= 10 ORDER BY id
GO
CREATE PROC nested AS INSERT INTO rows_ (a, b) EXEC two
GO
INSERT INTO rows_ (a, b) EXEC nested
GO
CREATE PROC rolls_back AS ROLLBACK
GO
INSERT INTO rows_ (a, b) EXEC rolls_back
GO
CREATE PROC outputs @in int, @a int OUTPUT, @b varchar(10) = 'x' OUTPUT AS
SELECT @a = ISNULL(@a, 0) + @in, @b = @b + '!'
GO
DECLARE @p int = 5, @q varchar(10) = 'y'
EXEC outputs 1, @p OUTPUT, @q OUTPUT
SELECT @p AS p, @q AS q
EXEC outputs @in = 2, @a = @p
SELECT @p AS unchanged
EXEC outputs 1, 2 OUTPUT
GO
CREATE PROC plain @a int AS SELECT @a AS a
GO
DECLARE @o int
EXEC plain @o OUTPUT
GO
EXEC plain 'abc'
GO
EXEC plain bare
GO
CREATE PROC strings @a varchar(20) AS SELECT @a AS a
GO
EXEC strings bare
EXEC strings [quoted word]
EXEC strings N'wide'
EXEC dbo.strings 12.50
GO
DECLARE @t TABLE (n int PRIMARY KEY, s varchar(5) DEFAULT 'd')
INSERT INTO @t (n) OUTPUT inserted.* VALUES (1), (2)
UPDATE @t SET s = 'u' OUTPUT deleted.s, inserted.s WHERE n = 2
DELETE FROM @t WHERE n = 1
SELECT * FROM @t
GO
CREATE TYPE list_ AS TABLE (n int NOT NULL, s nvarchar(10) NULL)
GO
CREATE PROC takes_list @l list_ READONLY AS SELECT SUM(n) AS total, MAX(s) AS s FROM @l
GO
DECLARE @l list_
INSERT INTO @l VALUES (1, N'a'), (2, N'b')
EXEC takes_list @l
EXEC takes_list
GO
EXEC sp_executesql N'SELECT @a + @b AS s', N'@a int, @b int', 1, 2
EXEC sp_executesql N'SELECT @a AS s', N'@a int'
EXEC sp_executesql 'SELECT 1'
GO
DECLARE @h int
EXEC sp_prepare @h OUTPUT, N'@p int', N'SELECT @p * 2 AS twice'
EXEC sp_execute @h, 21
EXEC sp_unprepare @h
EXEC sp_execute @h, 21
GO
