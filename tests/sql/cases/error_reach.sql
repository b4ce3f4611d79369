-- What an error ends: the statement, the procedure, the batch; RAISERROR and THROW through levels.
CREATE TABLE t (n int NOT NULL, c varchar(3) NULL)
GO
INSERT INTO t VALUES (1, 'toolong')
PRINT 'after truncation'
INSERT INTO t (n) VALUES (NULL)
PRINT 'after null'
DECLARE @i tinyint = 300
PRINT 'after overflow'
SELECT @i AS i
GO
CREATE PROC missing_inside AS
PRINT 'before'
SELECT * FROM no_such_table
PRINT 'not reached'
GO
EXEC missing_inside
PRINT 'the caller goes on'
GO
BEGIN TRY
    EXEC missing_inside
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_PROCEDURE() AS p, ERROR_LINE() AS l
END CATCH
GO
CREATE PROC converts AS
SELECT CAST('abc' AS int) AS never
PRINT 'not reached'
GO
EXEC converts
PRINT 'not reached either'
GO
CREATE PROC raises @severity int AS
RAISERROR ('from the procedure', @severity, 9)
PRINT 'raises goes on'
GO
EXEC raises 16
SELECT @@ERROR AS after_print
GO
BEGIN TRY
    EXEC raises 16
    PRINT 'not reached'
END TRY
BEGIN CATCH
    SELECT ERROR_PROCEDURE() AS p, ERROR_STATE() AS s
    BEGIN TRY
        SELECT 1/0 AS never
    END TRY
    BEGIN CATCH
        SELECT ERROR_NUMBER() AS inner_
    END CATCH
    SELECT ERROR_NUMBER() AS outer_
END CATCH
GO
CREATE PROC throws AS THROW 60000, 'from throws', 1
GO
EXEC throws
PRINT 'not reached: THROW ends the batch'
GO
CREATE PROC rethrows AS
BEGIN TRY
    EXEC throws
END TRY
BEGIN CATCH
    PRINT 'seen';
    THROW
END CATCH
GO
BEGIN TRY
    EXEC rethrows
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_PROCEDURE() AS p, ERROR_MESSAGE() AS m
END CATCH
GO
RAISERROR ('%s|%10s|%-10s|%.2s|%i|%u|%o|%X', 16, 1, 'a', 'b', 'c', 'defg', -5, 7, 8, 255)
RAISERROR ('null: %s %d', 16, 1, NULL, NULL)
RAISERROR (14999, 16, 1)
RAISERROR ('bad %q', 16, 1)
RAISERROR ('wrong %d', 16, 1, 'text')
RAISERROR ('high', 20, 1)
GO
EXEC ('PRINT ''one''; SELECT 1 +')
PRINT 'after a syntax error in EXEC'
GO
DECLARE @e int
INSERT INTO t (n) VALUES (NULL)
SET @e = @@ERROR
SELECT @e AS e, @@ERROR AS reset_
GO
WHILE 1 = 1
BEGIN
    INSERT INTO t (n) VALUES (NULL)
    IF @@ERROR <> 0 BREAK
END
PRINT 'out of the loop'
GO
BEGIN TRY
    DECLARE @x int = 1/0
END TRY
BEGIN CATCH
END CATCH
SELECT @@ERROR AS e
GO
