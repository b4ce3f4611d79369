-- database: master
-- Several databases: USE, names of three parts, schemas, long names, names that differ in case.
DROP DATABASE IF EXISTS first_db
DROP DATABASE IF EXISTS second_db
GO
CREATE DATABASE first_db
CREATE DATABASE second_db
GO
USE first_db
SELECT DB_NAME() AS name
GO
CREATE TABLE t (a int)
INSERT INTO t VALUES (1)
GO
USE second_db
GO
SELECT * FROM t
GO
SELECT a FROM first_db.dbo.t
SELECT a FROM first_db..t
GO
CREATE SCHEMA sales
GO
CREATE TABLE sales.t (b int)
INSERT INTO sales.t VALUES (2)
SELECT t.b, f.a FROM sales.t AS t CROSS JOIN FIRST_DB.DBO.T AS f
GO
INSERT INTO first_db.dbo.t SELECT b FROM sales.t
SELECT a FROM first_db.dbo.t ORDER BY a
GO
CREATE TABLE [a long name with blanks and ]]brackets]] that goes on and on until it has more than sixty-three bytes] (
    [column with a name that is longer than sixty-three bytes, which is where PostgreSQL stops] int)
INSERT INTO [A LONG NAME with blanks and ]]brackets]] that goes on and on until it has more than sixty-three bytes] VALUES (3)
SELECT * FROM [a long name with blanks and ]]brackets]] that goes on and on until it has more than sixty-three bytes]
GO
SELECT name FROM sys.schemas WHERE name IN ('dbo', 'sales', 'sys') ORDER BY name
SELECT DB_ID('second_db') - DB_ID('SECOND_DB') AS same, DB_ID('nowhere') AS none, SCHEMA_NAME() AS mine
GO
CREATE TABLE T (a int)
CREATE TABLE t (b int)
GO
DROP SCHEMA sales
GO
DROP TABLE sales.t
DROP SCHEMA sales
GO
USE nowhere
GO
CREATE DATABASE first_db
GO
DROP DATABASE second_db
GO
USE master
DROP DATABASE first_db
DROP DATABASE second_db
DROP DATABASE second_db
GO
