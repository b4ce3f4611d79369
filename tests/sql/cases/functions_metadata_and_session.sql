-- Functions of the catalogue and of the session.
CREATE TABLE things (id int IDENTITY(5, 2) PRIMARY KEY, name nvarchar(40) NOT NULL, price money, twice AS (id * 2))
INSERT INTO things (name) VALUES (N'a'), (N'b')
GO
SELECT IDENT_CURRENT('things') AS current_, IDENT_SEED('dbo.things') AS seed, IDENT_INCR('things') AS step, SCOPE_IDENTITY() AS scope_, IDENT_CURRENT('nothing') AS none
GO
SELECT OBJECT_NAME(OBJECT_ID('things')) AS name, OBJECT_NAME(OBJECT_ID('[dbo].[things]', 'U')) AS quoted, OBJECT_ID('things', 'V') AS wrong_type, OBJECT_ID('nothing') AS none, OBJECT_SCHEMA_NAME(OBJECT_ID('things')) AS schema_
GO
SELECT SCHEMA_NAME(SCHEMA_ID('dbo')) AS s, SCHEMA_ID() AS i, DB_NAME(DB_ID('master')) AS d, DB_ID('nothing') AS none, SCHEMA_NAME() AS mine, USER_NAME() AS u, USER_NAME(1) AS dbo
GO
SELECT COL_NAME(OBJECT_ID('things'), 2) AS c, COL_LENGTH('things', 'name') AS l, COLUMNPROPERTY(OBJECT_ID('things'), 'id', 'IsIdentity') AS i, COLUMNPROPERTY(OBJECT_ID('things'), 'price', 'AllowsNull') AS n, COLUMNPROPERTY(OBJECT_ID('things'), 'twice', 'IsComputed') AS t
GO
SELECT OBJECTPROPERTY(OBJECT_ID('things'), 'IsTable') AS t, OBJECTPROPERTY(OBJECT_ID('things'), 'IsView') AS v, OBJECTPROPERTY(OBJECT_ID('things'), 'TableHasIdentity') AS i, TYPE_NAME(TYPE_ID('int')) AS ty, TYPEPROPERTY('int', 'Precision') AS p
GO
SELECT SERVERPROPERTY('ProductMajorVersion') AS v, SERVERPROPERTY('EngineEdition') AS e, SERVERPROPERTY('Nonsense') AS n, DATABASEPROPERTYEX('master', 'Status') AS s, COLLATIONPROPERTY('Latin1_General_CI_AS', 'CodePage') AS cp
GO
SELECT SUSER_SNAME() AS l, ORIGINAL_LOGIN() AS o, SYSTEM_USER AS s, CURRENT_USER AS c, SESSION_USER AS se, IS_SRVROLEMEMBER('sysadmin') AS a, IS_MEMBER('db_owner') AS m, HAS_DBACCESS('master') AS h, SUSER_SID() AS sid
GO
SELECT XACT_STATE() AS x, ERROR_NUMBER() AS none, SESSIONPROPERTY('ANSI_NULLS') AS a, HAS_PERMS_BY_NAME('things', 'OBJECT', 'SELECT') AS p, CONNECTIONPROPERTY('net_transport') AS t, CURSOR_STATUS('global', 'nobody') AS cs
GO
BEGIN TRY
    SELECT 1 / 0
END TRY
BEGIN CATCH
    SELECT ERROR_NUMBER() AS n, ERROR_SEVERITY() AS s, ERROR_STATE() AS st, ERROR_LINE() AS l, ERROR_MESSAGE() AS m, ERROR_PROCEDURE() AS p
END CATCH
GO
