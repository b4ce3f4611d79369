-- #tables, ## tables, table variables: scope, transactions, identity.
CREATE TABLE #t (id int IDENTITY NOT NULL PRIMARY KEY, v varchar(10) NULL)
INSERT INTO #t (v) VALUES ('a'), ('b')
SELECT * FROM #t ORDER BY id
GO
SELECT COUNT(*) AS still_there FROM #t
SELECT v INTO #copy FROM #t
SELECT COUNT(*) AS n FROM #copy
GO
CREATE PROC inner_ AS
BEGIN
    INSERT INTO #t (v) VALUES ('inside')
    CREATE TABLE #own (n int)
    INSERT INTO #own VALUES (1)
    SELECT COUNT(*) AS own FROM #own
END
GO
EXEC inner_
SELECT COUNT(*) AS n FROM #t
GO
SELECT * FROM #own
GO
DECLARE @t TABLE (id int NOT NULL PRIMARY KEY, v varchar(10) NULL DEFAULT 'd')
INSERT INTO @t (id) VALUES (1)
BEGIN TRAN
INSERT INTO @t VALUES (2, 'kept')
ROLLBACK
SELECT * FROM @t ORDER BY id
GO
SELECT * FROM @t
GO
CREATE TABLE ##shared (a int)
INSERT INTO ##shared VALUES (5)
SELECT a FROM ##shared
DROP TABLE ##shared
GO
SELECT OBJECT_ID('tempdb..#t') - OBJECT_ID('tempdb..#t') AS found
DROP TABLE #t
SELECT OBJECT_ID('tempdb..#t') AS gone
GO
DROP TABLE IF EXISTS #t
DROP TABLE #t
GO
