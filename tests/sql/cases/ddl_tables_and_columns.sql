-- CREATE TABLE, ALTER TABLE ADD, ALTER COLUMN, DROP COLUMN: what they change and what they refuse.
-- mask: (DF|CK|PK|UQ)__[A-Za-z_0-9]+
CREATE TABLE p (id int NOT NULL, code varchar(10) NOT NULL, n int NULL CONSTRAINT df_n DEFAULT (5) CONSTRAINT ck_n CHECK (n > 0))
INSERT p (id, code) VALUES (1, 'a'), (2, 'b')
GO
-- a table of that name is there
CREATE TABLE p (x int)
GO
CREATE TABLE q (a int, A int)
GO
CREATE TABLE q (a int IDENTITY, b int IDENTITY)
GO
CREATE TABLE q (a varchar(10) IDENTITY)
GO
CREATE TABLE q (a int IDENTITY NULL)
GO
CREATE TABLE q (a nosuchtype)
GO
CREATE TABLE nosuch.q (a int)
GO
CREATE TABLE q (a int NULL PRIMARY KEY)
GO
CREATE TABLE q (a int DEFAULT (1) DEFAULT (2))
GO
CREATE TABLE q (a int IDENTITY DEFAULT (1))
GO
CREATE TABLE q (a rowversion, b timestamp)
GO
-- rows there are: a NOT NULL column needs a default
ALTER TABLE p ADD extra int NOT NULL
GO
ALTER TABLE p ADD extra int NOT NULL CONSTRAINT df_extra DEFAULT (7), later datetime NULL, i int IDENTITY(100, 10)
SELECT * FROM p ORDER BY id
GO
ALTER TABLE p ADD w varchar(5) NULL CONSTRAINT df_w DEFAULT ('w') WITH VALUES, v varchar(5) NULL CONSTRAINT df_v DEFAULT ('v')
SELECT id, w, v FROM p ORDER BY id
GO
ALTER TABLE p ADD code int
GO
ALTER TABLE nosuch ADD a int
GO
-- what hangs on a column keeps its type
ALTER TABLE p ALTER COLUMN n bigint
GO
ALTER TABLE p DROP COLUMN extra
GO
ALTER TABLE p DROP CONSTRAINT df_extra
ALTER TABLE p DROP COLUMN extra
ALTER TABLE p DROP COLUMN nosuch
GO
ALTER TABLE p DROP COLUMN IF EXISTS nosuch
ALTER TABLE p DROP CONSTRAINT IF EXISTS nosuch
GO
ALTER TABLE p DROP CONSTRAINT nosuch
GO
ALTER TABLE p ALTER COLUMN code varchar(30) NOT NULL
ALTER TABLE p ALTER COLUMN code nvarchar(3) NULL
ALTER TABLE p ALTER COLUMN nosuch int
GO
UPDATE p SET code = 'abc'
ALTER TABLE p ALTER COLUMN code nvarchar(2) NULL
GO
ALTER TABLE p ALTER COLUMN later datetime NOT NULL
GO
SELECT name, column_id, TYPE_NAME(user_type_id) AS type, max_length, is_nullable, is_identity FROM sys.columns WHERE object_id = OBJECT_ID('p') ORDER BY column_id
GO
SELECT name, type, OBJECT_NAME(parent_object_id) AS parent FROM sys.objects WHERE parent_object_id = OBJECT_ID('p') ORDER BY name
GO
DROP TABLE nosuch
GO
DROP TABLE IF EXISTS nosuch
DROP VIEW p
GO
DROP TABLE p
SELECT OBJECT_ID('p')
GO
