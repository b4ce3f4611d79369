-- Functions that tell of the catalogue.
CREATE TABLE t (id int IDENTITY(10, 5) NOT NULL CONSTRAINT pk_t PRIMARY KEY, [my col] nvarchar(20) NULL, c AS (id * 2), d decimal(9, 3) NOT NULL CONSTRAINT df_d DEFAULT (1))
GO
CREATE VIEW v AS SELECT id FROM t
GO
INSERT t DEFAULT VALUES
INSERT t DEFAULT VALUES
GO
SELECT CASE WHEN OBJECT_ID('t') = OBJECT_ID('[dbo].[t]') AND OBJECT_ID('dbo.T') = OBJECT_ID(DB_NAME() + '..t') THEN 'same' END AS ids, OBJECT_ID('nosuch') AS nothing, OBJECT_ID('t', 'V') AS not_a_view, OBJECT_NAME(OBJECT_ID('t')) AS name,
    OBJECT_SCHEMA_NAME(OBJECT_ID('t')) AS s
SELECT DB_NAME(1) AS one, DB_ID('master') AS master, DB_ID('nosuch') AS nothing, SCHEMA_ID('dbo') AS dbo, SCHEMA_NAME(4) AS four, SCHEMA_NAME() AS mine
SELECT TYPE_ID('int') AS int_id, TYPE_NAME(231) AS n, TYPE_ID('sysname') AS sysname_id, TYPE_ID('nosuch') AS nothing
SELECT COL_NAME(OBJECT_ID('t'), 2) AS col, COL_LENGTH('t', 'my col') AS len, COL_LENGTH('t', 'nosuch') AS nothing
SELECT COLUMNPROPERTY(OBJECT_ID('t'), 'id', 'IsIdentity') AS i, COLUMNPROPERTY(OBJECT_ID('t'), 'c', 'IsComputed') AS c, COLUMNPROPERTY(OBJECT_ID('t'), 'my col', 'AllowsNull') AS n,
    COLUMNPROPERTY(OBJECT_ID('t'), 'd', 'Precision') AS p, COLUMNPROPERTY(OBJECT_ID('t'), 'd', 'Scale') AS sc, COLUMNPROPERTY(OBJECT_ID('t'), 'd', 'nosuch') AS nothing
SELECT OBJECTPROPERTY(OBJECT_ID('t'), 'IsUserTable') AS u, OBJECTPROPERTY(OBJECT_ID('t'), 'TableHasPrimaryKey') AS pk, OBJECTPROPERTY(OBJECT_ID('t'), 'TableHasIdentity') AS i, OBJECTPROPERTY(OBJECT_ID('v'), 'IsView') AS v,
    OBJECTPROPERTY(OBJECT_ID('v'), 'IsUserTable') AS no, OBJECTPROPERTY(0, 'IsView') AS nothing, OBJECTPROPERTYEX(OBJECT_ID('v'), 'BaseType') AS base
SELECT INDEXPROPERTY(OBJECT_ID('t'), 'pk_t', 'IsClustered') AS c, INDEXPROPERTY(OBJECT_ID('t'), 'pk_t', 'IndexID') AS id, INDEX_COL('t', 1, 1) AS col
SELECT IDENT_CURRENT('t') AS cur, IDENT_SEED('t') AS seed, IDENT_INCR('t') AS inc, IDENT_CURRENT('v') AS nothing
SELECT OBJECT_DEFINITION(OBJECT_ID('v')) AS v, OBJECT_DEFINITION(OBJECT_ID('df_d')) AS d
SELECT SERVERPROPERTY('EngineEdition') AS edition, SERVERPROPERTY('ProductMajorVersion') AS major, SERVERPROPERTY('Collation') AS coll, SERVERPROPERTY('nosuch') AS nothing
SELECT SUSER_SNAME(0x01) AS sa, SUSER_NAME(1) AS one, USER_NAME() AS me, USER_ID('guest') AS guest, HAS_DBACCESS('master') AS m, HAS_DBACCESS('nosuch') AS nothing, HAS_PERMS_BY_NAME('t', 'OBJECT', 'SELECT') AS p
GO
