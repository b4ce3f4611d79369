-- Views, procedures, functions and triggers: their text, their columns, ALTER and OR ALTER.
CREATE TABLE t (id int NOT NULL PRIMARY KEY, a varchar(10))
INSERT t VALUES (1, 'x')
GO
-- leading remark
CREATE VIEW v (one, two) AS SELECT id, a + 'y' FROM t
GO
SELECT * FROM v
SELECT name, TYPE_NAME(user_type_id) AS type, max_length, is_nullable FROM sys.columns WHERE object_id = OBJECT_ID('v') ORDER BY column_id
EXEC sp_helptext 'v'
GO
CREATE VIEW v AS SELECT 1 AS a
GO
CREATE OR ALTER VIEW v AS SELECT id FROM t
GO
SELECT definition FROM sys.sql_modules WHERE object_id = OBJECT_ID('v')
GO
CREATE VIEW w AS SELECT id, COUNT(*) FROM t GROUP BY id
GO
CREATE VIEW w AS SELECT id, id FROM t
GO
CREATE VIEW w (a, b) AS SELECT id FROM t
GO
ALTER VIEW w AS SELECT id FROM t
GO
CREATE VIEW w AS SELECT nosuch FROM t
GO
ALTER PROCEDURE v AS SELECT 1
GO
CREATE VIEW other.dbo.w AS SELECT 1 AS a
GO
CREATE PROCEDURE p @a int, @b varchar(5) = 'q', @c decimal(6, 2) OUTPUT AS SET @c = @a / 2.0 SELECT @b AS b
GO
DECLARE @x decimal(6, 2)
EXEC p 5, DEFAULT, @x OUTPUT
SELECT @x AS x
SELECT name, parameter_id, TYPE_NAME(user_type_id) AS type, max_length, precision, scale, is_output, has_default_value FROM sys.parameters WHERE object_id = OBJECT_ID('p') ORDER BY parameter_id
GO
CREATE PROCEDURE p AS SELECT 1
GO
ALTER PROCEDURE p AS SELECT 'altered' AS s
GO
EXEC p
GO
CREATE FUNCTION f (@x int) RETURNS int AS BEGIN RETURN @x * 2 END
GO
CREATE FUNCTION tf (@x int) RETURNS TABLE AS RETURN (SELECT id, @x AS x FROM t WHERE id >= @x)
GO
SELECT dbo.f(4) AS f
SELECT * FROM tf(1)
SELECT name, type, type_desc FROM sys.objects WHERE type IN ('FN', 'IF', 'TF', 'P', 'V') ORDER BY name
SELECT ROUTINE_NAME, ROUTINE_TYPE, DATA_TYPE FROM INFORMATION_SCHEMA.ROUTINES ORDER BY ROUTINE_NAME
GO
-- a view is bound when it is used
DROP TABLE t
SELECT * FROM v
GO
CREATE TABLE t (id bigint)
INSERT t VALUES (5000000000)
SELECT * FROM v
GO
CREATE TRIGGER tr ON nosuch AFTER INSERT AS SELECT 1
GO
CREATE TRIGGER tr ON t AFTER INSERT, DELETE AS SELECT 'fired' AS s
GO
INSERT t VALUES (2)
DISABLE TRIGGER tr ON t
INSERT t VALUES (3)
SELECT name, OBJECT_NAME(parent_id) AS parent, is_disabled, is_instead_of_trigger FROM sys.triggers
SELECT type_desc FROM sys.trigger_events WHERE object_id = OBJECT_ID('tr') ORDER BY type
ENABLE TRIGGER ALL ON t
DROP TRIGGER tr
GO
DROP PROCEDURE nosuch
GO
DROP FUNCTION f, tf
DROP PROCEDURE p
DROP VIEW v
DROP TABLE t
SELECT COUNT(*) AS objects FROM sys.objects WHERE is_ms_shipped = 0
GO
