-- What tools ask: sys.*, INFORMATION_SCHEMA, OBJECT_ID and its kin, sp_ procedures.
CREATE TABLE dbo.people (id int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_people PRIMARY KEY, name nvarchar(50) NOT NULL, born date NULL, pay decimal(9, 2) NULL CONSTRAINT DF_pay DEFAULT (0))
CREATE INDEX IX_people_name ON dbo.people (name) INCLUDE (born)
GO
CREATE VIEW dbo.names AS SELECT name FROM dbo.people
GO
SELECT name, type, type_desc FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY name
GO
SELECT c.name, TYPE_NAME(c.user_type_id) AS type_, c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity FROM sys.columns c WHERE c.object_id = OBJECT_ID('dbo.people') ORDER BY c.column_id
GO
SELECT i.name, i.type_desc, i.is_unique, i.is_primary_key FROM sys.indexes i WHERE i.object_id = OBJECT_ID('people') ORDER BY i.index_id
GO
SELECT COL_NAME(ic.object_id, ic.column_id) AS column_, ic.is_included_column FROM sys.index_columns ic JOIN sys.indexes i ON i.object_id = ic.object_id AND i.index_id = ic.index_id WHERE i.name = 'IX_people_name' ORDER BY ic.index_column_id
GO
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME
GO
SELECT COLUMN_NAME, IS_NULLABLE, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'people' ORDER BY ORDINAL_POSITION
GO
SELECT OBJECT_NAME(OBJECT_ID('names')) AS n, OBJECT_ID('names', 'U') AS not_a_table, OBJECTPROPERTY(OBJECT_ID('people'), 'IsUserTable') AS is_table, COL_LENGTH('people', 'name') AS len_, OBJECT_SCHEMA_NAME(OBJECT_ID('people')) AS s
GO
SELECT name, definition FROM sys.default_constraints
SELECT name, type_desc FROM sys.key_constraints
GO
SELECT definition FROM sys.sql_modules WHERE object_id = OBJECT_ID('names')
GO
SELECT name, xtype FROM sysobjects WHERE name = 'people'
SELECT name FROM syscolumns WHERE id = OBJECT_ID('people') ORDER BY colid
GO
SELECT name FROM sys.databases WHERE database_id <= 4 ORDER BY database_id
GO
SELECT name, system_type_id, max_length FROM sys.types WHERE name IN ('int', 'sysname', 'nvarchar', 'decimal') ORDER BY name
GO
EXEC sp_helptext 'dbo.names'
GO
EXEC sp_rename 'dbo.people.pay', 'salary', 'COLUMN'
SELECT COL_NAME(OBJECT_ID('people'), 4) AS renamed
GO
SELECT SERVERPROPERTY('EngineEdition') AS edition, SUSER_SNAME() AS login_, USER_NAME() AS user_, @@SPID - @@SPID AS spid, @@DATEFIRST AS first_, @@LANGUAGE AS language_
GO
SELECT login_name, status, is_user_process FROM sys.dm_exec_sessions WHERE session_id = @@SPID
GO
