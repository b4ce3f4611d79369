-- Whom the session is: EXECUTE AS, REVERT, modules WITH EXECUTE AS.
-- mask: S-1-9-3-[0-9-]+
IF SUSER_ID('ea_login') IS NOT NULL DROP LOGIN ea_login
GO
CREATE LOGIN ea_login WITH PASSWORD = 'Str0ng!Pass1'
CREATE USER ea_user FOR LOGIN ea_login
CREATE USER ea_lone WITHOUT LOGIN
GO
CREATE TABLE dbo.secret (a int)
INSERT INTO dbo.secret VALUES (1)
GO
-- a user of the database
EXECUTE AS USER = 'ea_user'
SELECT USER_NAME() AS u, SUSER_NAME() AS s, SUSER_SNAME() AS ss, ORIGINAL_LOGIN() AS o, CURRENT_USER AS c, SESSION_USER AS su, SYSTEM_USER AS sy, IS_SRVROLEMEMBER('sysadmin') AS sa
GO
-- it lasts into the next batch
SELECT USER_NAME() AS u
SELECT a FROM dbo.secret
GO
-- in another database it is nobody
USE master
GO
REVERT
SELECT USER_NAME() AS u, SUSER_NAME() AS s
SELECT a FROM dbo.secret
GO
-- nothing to take back is no error
REVERT
GO
EXECUTE AS USER = 'ea_lone'
SELECT USER_NAME() AS u
SELECT SUSER_NAME() AS s
REVERT
GO
-- a login
EXECUTE AS LOGIN = 'ea_login'
SELECT USER_NAME() AS u, SUSER_NAME() AS s, ORIGINAL_LOGIN() AS o
SELECT a FROM dbo.secret
GO
REVERT
GO
-- one inside the other
EXECUTE AS LOGIN = 'ea_login'
EXECUTE AS USER = 'ea_lone'
GO
REVERT
GO
GRANT IMPERSONATE ON USER::ea_lone TO ea_user
GO
EXECUTE AS USER = 'ea_user'
EXECUTE AS USER = 'ea_lone'
SELECT USER_NAME() AS u
REVERT
SELECT USER_NAME() AS u
REVERT
SELECT USER_NAME() AS u
GO
-- who is not there
EXECUTE AS USER = 'nobody_here'
GO
EXECUTE AS LOGIN = 'nobody_here'
GO
-- a module that runs as its owner reads what its caller may not
CREATE PROCEDURE dbo.as_owner WITH EXECUTE AS OWNER AS
    SELECT USER_NAME() AS u, ORIGINAL_LOGIN() AS o
    EXEC ('SELECT a FROM dbo.secret')
GO
CREATE PROCEDURE dbo.as_caller WITH EXECUTE AS CALLER AS
    SELECT USER_NAME() AS u
    SELECT a FROM dbo.secret
    EXEC ('SELECT a FROM dbo.secret')
GO
CREATE PROCEDURE dbo.as_lone WITH EXECUTE AS 'ea_lone' AS
    SELECT USER_NAME() AS u
    EXECUTE AS CALLER
    SELECT USER_NAME() AS u
    REVERT
    SELECT USER_NAME() AS u
    REVERT
    SELECT USER_NAME() AS u
GO
CREATE PROCEDURE dbo.as_self WITH EXECUTE AS SELF AS
    SELECT USER_NAME() AS u
GO
CREATE PROCEDURE dbo.as_nobody WITH EXECUTE AS 'nobody_here' AS SELECT 1
GO
GRANT EXECUTE ON dbo.as_owner TO ea_user
GRANT EXECUTE ON dbo.as_caller TO ea_user
GRANT EXECUTE ON dbo.as_lone TO ea_user
GRANT EXECUTE ON dbo.as_self TO ea_user
GO
EXECUTE AS USER = 'ea_user'
GO
EXEC dbo.as_owner
GO
EXEC dbo.as_caller
GO
EXEC dbo.as_lone
GO
EXEC dbo.as_self
SELECT USER_NAME() AS u
GO
REVERT
GO
-- what a procedure changes ends with it
CREATE PROCEDURE dbo.leaves_it AS
    EXECUTE AS USER = 'ea_lone'
    SELECT USER_NAME() AS u
GO
EXEC dbo.leaves_it
SELECT USER_NAME() AS u
EXEC ('EXECUTE AS USER = ''ea_lone''; SELECT USER_NAME() AS u')
SELECT USER_NAME() AS u
GO
EXEC ('SELECT USER_NAME() AS u; SELECT a FROM dbo.secret') AS USER = 'ea_user'
SELECT USER_NAME() AS u
GO
-- with a cookie only who has it goes back
DECLARE @c varbinary(8000)
EXECUTE AS USER = 'ea_lone' WITH COOKIE INTO @c
SELECT USER_NAME() AS u, DATALENGTH(@c) AS n
BEGIN TRY REVERT END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS e END CATCH
REVERT WITH COOKIE = @c
SELECT USER_NAME() AS u
GO
-- not for ever inside a transaction that fails
BEGIN TRY
    EXECUTE AS USER = 'ea_user'
    SELECT 1 / 0
END TRY
BEGIN CATCH
    SELECT USER_NAME() AS u
    REVERT
END CATCH
SELECT USER_NAME() AS u
GO
DROP LOGIN ea_login
