-- Databases, schemas, alias types, sequences and synonyms.
-- database: master
-- mask: PK__@p__[0-9A-F]+
CREATE DATABASE ddl_one COLLATE Latin1_General_CS_AS
GO
CREATE DATABASE ddl_one
GO
CREATE DATABASE ddl_two COLLATE nosuch
GO
SELECT name, collation_name, state_desc, recovery_model_desc FROM sys.databases WHERE name LIKE 'ddl%'
ALTER DATABASE ddl_one SET RECOVERY SIMPLE, READ_COMMITTED_SNAPSHOT ON
SELECT recovery_model_desc, is_read_committed_snapshot_on FROM sys.databases WHERE name = 'ddl_one'
SELECT DATABASEPROPERTYEX('ddl_one', 'Recovery') AS recovery, DATABASEPROPERTYEX('ddl_one', 'Collation') AS collation, DATABASEPROPERTYEX('nosuch', 'Status') AS nothing
GO
ALTER DATABASE nosuch SET RECOVERY FULL
GO
USE ddl_one
GO
-- names of a case-sensitive database
CREATE TABLE T (a int)
CREATE TABLE t (A int, a int)
SELECT * FROM T
SELECT * FROM tt
GO
CREATE SCHEMA s
GO
CREATE SCHEMA s
GO
CREATE TABLE s.t (a int)
GO
DROP SCHEMA s
GO
ALTER SCHEMA dbo TRANSFER s.t
GO
ALTER TABLE s.t ADD b int
EXEC sp_rename 's.t', 'u'
ALTER SCHEMA dbo TRANSFER s.u
DROP SCHEMA s
SELECT SCHEMA_NAME(schema_id) AS s, name FROM sys.tables ORDER BY name
GO
CREATE TYPE ssn FROM varchar(11) NOT NULL
CREATE TYPE pairs AS TABLE (id int NOT NULL PRIMARY KEY, v varchar(10) DEFAULT 'z')
GO
CREATE TYPE ssn FROM int
GO
CREATE TABLE people (s ssn, t ssn NULL)
SELECT name, TYPE_NAME(user_type_id) AS type, TYPE_NAME(system_type_id) AS base, is_nullable FROM sys.columns WHERE object_id = OBJECT_ID('people')
DROP TYPE ssn
GO
DECLARE @p pairs
INSERT @p (id) VALUES (1), (2)
SELECT * FROM @p
GO
DECLARE @p pairs
INSERT @p VALUES (1, 'a'), (1, 'b')
GO
CREATE SEQUENCE sq AS smallint START WITH 5 INCREMENT BY 2 MAXVALUE 9
SELECT NEXT VALUE FOR sq AS n
SELECT NEXT VALUE FOR sq AS n
SELECT name, TYPE_NAME(user_type_id) AS type, start_value, increment, minimum_value, maximum_value, is_cycling FROM sys.sequences
ALTER SEQUENCE sq RESTART WITH 6
SELECT NEXT VALUE FOR sq AS n
GO
CREATE SEQUENCE sq
GO
CREATE SEQUENCE sz INCREMENT BY 0
GO
CREATE SEQUENCE sz AS varchar(10)
GO
CREATE SYNONYM syn FOR dbo.people
INSERT syn VALUES ('1', NULL)
SELECT COUNT(*) AS c FROM syn
SELECT name, base_object_name FROM sys.synonyms
GO
DROP SEQUENCE sq
DROP SYNONYM syn
DROP TYPE nosuch
GO
DROP DATABASE ddl_one
GO
USE master
DROP DATABASE ddl_one
DROP DATABASE ddl_one
GO
DROP DATABASE IF EXISTS ddl_one
DROP DATABASE master
GO
