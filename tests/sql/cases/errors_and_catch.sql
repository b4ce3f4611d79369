-- TRY and CATCH, THROW, RAISERROR, the ERROR_ functions, what goes on after an error and what not.
BEGIN TRY
    SELECT 1/0 AS never
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS number, ERROR_SEVERITY() AS severity, ERROR_STATE() AS state, ERROR_LINE() AS line, ERROR_PROCEDURE() AS procedure_, ERROR_MESSAGE() AS message
END CATCH
GO
SELECT 1/0 AS never
SELECT 'goes on' AS after_, @@ERROR AS error
GO
SELECT CAST('x' AS int)
SELECT 'not reached'
GO
RAISERROR ('plain %d and %s', 16, 3, 42, 'text')
PRINT 'after raiserror'
GO
RAISERROR ('only information', 10, 1)
RAISERROR (N'%5d|%-5d|%05d|%x|%%', 10, 1, 7, 7, 7, 255)
GO
BEGIN TRY
    RAISERROR ('caught', 12, 5)
END TRY
BEGIN CATCH
    PRINT ERROR_MESSAGE()
    PRINT ERROR_SEVERITY();
    THROW
END CATCH
PRINT 'not reached'
GO
THROW 51000, 'thrown', 7
PRINT 'not reached'
GO
THROW 49999, 'number too small', 1
GO
BEGIN TRY
    BEGIN TRY
        THROW 50010, 'inner', 1
    END TRY
    BEGIN CATCH
        THROW 50011, 'from the catch', 2
    END CATCH
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_MESSAGE() AS m
END CATCH
SELECT ERROR_NUMBER() AS outside
GO
BEGIN TRY
    SELECT * FROM no_such_table
END TRY
BEGIN CATCH
    PRINT 'a missing table is not caught in its own batch'
END CATCH
GO
BEGIN TRY
    EXEC ('SELECT * FROM no_such_table')
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n
END CATCH
GO
SELEC 1
GO
SELECT 'unclosed
GO
SELECT 1 +
GO
SELECT @@ERROR AS after_syntax_error
GO
THROW
GO
