-- The system views, the old sys tables and INFORMATION_SCHEMA over one small schema.
-- mask: (DF|CK|PK|UQ)__[A-Za-z_0-9]+
CREATE TABLE p (id int NOT NULL CONSTRAINT pk_p PRIMARY KEY, code nvarchar(10) NULL)
CREATE TABLE c (id int IDENTITY(1, 2) NOT NULL CONSTRAINT pk_c PRIMARY KEY, pid int NOT NULL CONSTRAINT fk_c REFERENCES p (id), n decimal(8, 2) CONSTRAINT ck_n CHECK (n >= 0) CONSTRAINT df_n DEFAULT (1), twice AS (n * 2))
GO
SELECT name, type, type_desc, CASE WHEN parent_object_id = 0 THEN NULL ELSE OBJECT_NAME(parent_object_id) END AS parent FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY name
SELECT name, max_column_id_used, lock_escalation_desc FROM sys.tables ORDER BY name
SELECT name, column_id, system_type_id, user_type_id, max_length, precision, scale, collation_name, is_nullable, is_identity, is_computed FROM sys.columns WHERE object_id = OBJECT_ID('c') ORDER BY column_id
SELECT name, seed_value, increment_value FROM sys.identity_columns WHERE object_id = OBJECT_ID('c')
SELECT name, definition, is_persisted FROM sys.computed_columns
SELECT name, definition, parent_column_id FROM sys.check_constraints
SELECT name, definition, parent_column_id FROM sys.default_constraints
SELECT name, type, unique_index_id FROM sys.key_constraints ORDER BY name
GO
SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME
SELECT COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'c' ORDER BY ORDINAL_POSITION
SELECT CONSTRAINT_NAME, TABLE_NAME, CONSTRAINT_TYPE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS ORDER BY CONSTRAINT_NAME
SELECT CONSTRAINT_NAME, COLUMN_NAME, ORDINAL_POSITION FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE ORDER BY CONSTRAINT_NAME
SELECT CONSTRAINT_NAME, UNIQUE_CONSTRAINT_NAME, MATCH_OPTION, UPDATE_RULE, DELETE_RULE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS
SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM INFORMATION_SCHEMA.CHECK_CONSTRAINTS
GO
-- old names, with and without a schema
SELECT name, xtype, sysstat & 0xf AS kind FROM sysobjects WHERE xtype = 'U' ORDER BY name
SELECT name, xtype FROM dbo.sysobjects WHERE id = OBJECT_ID('pk_p')
SELECT name, colid, length, prec, scale, isnullable FROM syscolumns WHERE id = OBJECT_ID('c') ORDER BY colid
SELECT name, indid, keycnt FROM sysindexes WHERE id = OBJECT_ID('c')
SELECT COUNT(*) AS c FROM sysforeignkeys WHERE fkeyid = OBJECT_ID('c')
SELECT name FROM master.dbo.sysdatabases WHERE dbid <= 4 ORDER BY dbid
SELECT name FROM sysusers WHERE uid IN (0, 1, 2) ORDER BY uid
SELECT COUNT(*) AS c FROM master.dbo.spt_values WHERE type = 'P' AND number < 10
GO
-- another database's views
SELECT name FROM master.sys.databases WHERE database_id = 2
SELECT COUNT(*) AS c FROM msdb.sys.tables
SELECT * FROM sys.nosuch
GO
EXEC sp_pkeys 'c'
EXEC sp_fkeys 'p'
EXEC sp_columns 'p'
EXEC sp_help 'nosuch'
GO
