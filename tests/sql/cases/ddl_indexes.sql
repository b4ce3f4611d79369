-- CREATE, ALTER and DROP INDEX and what the views tell of them.
CREATE TABLE t (id int NOT NULL CONSTRAINT pk_t PRIMARY KEY NONCLUSTERED, a int, b nvarchar(20), c varchar(max), d AS (a + 1))
INSERT t (id, a, b) VALUES (1, 1, N'x'), (2, 2, N'y'), (3, NULL, N'z')
GO
CREATE CLUSTERED INDEX cx ON t (a)
CREATE INDEX ix_b ON t (b DESC, a) INCLUDE (c) WITH (FILLFACTOR = 80, PAD_INDEX = ON)
CREATE UNIQUE INDEX ux_a ON t (a) WHERE a IS NOT NULL
CREATE INDEX ix_d ON t (d)
GO
CREATE CLUSTERED INDEX cx2 ON t (b)
GO
CREATE INDEX ix_b ON t (a)
GO
CREATE INDEX ix_c ON t (c)
GO
CREATE INDEX ix_n ON t (nosuch)
GO
CREATE INDEX ix_n ON t (a, a)
GO
CREATE INDEX ix_n ON nosuch (a)
GO
INSERT t (id, a) VALUES (4, 2)
GO
INSERT t (id, a) VALUES (4, NULL), (5, NULL)
GO
SELECT i.name, i.index_id, i.type_desc, i.is_unique, i.is_primary_key, i.has_filter, i.filter_definition, i.fill_factor, i.is_padded FROM sys.indexes i WHERE i.object_id = OBJECT_ID('t') ORDER BY i.index_id
SELECT i.name, COL_NAME(k.object_id, k.column_id) AS col, k.key_ordinal, k.is_descending_key, k.is_included_column
FROM sys.index_columns k JOIN sys.indexes i ON i.object_id = k.object_id AND i.index_id = k.index_id WHERE k.object_id = OBJECT_ID('t') ORDER BY i.index_id, k.index_column_id
GO
ALTER INDEX ux_a ON t DISABLE
INSERT t (id, a) VALUES (6, 2)
SELECT name, is_disabled FROM sys.indexes WHERE name = 'ux_a'
GO
ALTER INDEX ux_a ON t REBUILD
GO
DELETE t WHERE id = 6
ALTER INDEX ALL ON t REBUILD
SELECT name, is_disabled FROM sys.indexes WHERE name = 'ux_a'
GO
CREATE INDEX ix_b ON t (a) WITH (DROP_EXISTING = ON)
SELECT COL_NAME(object_id, column_id) AS col FROM sys.index_columns WHERE object_id = OBJECT_ID('t') AND index_id = INDEXPROPERTY(OBJECT_ID('t'), 'ix_b', 'IndexID')
GO
DROP INDEX ix_b ON t
DROP INDEX t.ix_d
DROP INDEX nosuch ON t
GO
DROP INDEX pk_t ON t
GO
DROP INDEX IF EXISTS nosuch ON t
ALTER INDEX nosuch ON t REBUILD
GO
EXEC sp_helpindex 't'
GO
