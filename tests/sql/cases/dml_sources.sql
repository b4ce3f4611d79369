-- INSERT, UPDATE and DELETE with TOP in all places, nested DML, queries as targets.
CREATE TABLE t (id int, n int)
CREATE TABLE u (id int, n int)
GO
INSERT TOP (2) INTO t VALUES (1, 1), (2, 2), (3, 3)
INSERT TOP (50) PERCENT INTO t SELECT v, v FROM (VALUES (10), (20), (30), (40)) AS s (v)
INSERT TOP (1) INTO t SELECT TOP 2 v, v FROM (VALUES (100), (200)) AS s (v) ORDER BY v DESC
INSERT INTO t SELECT TOP 1 WITH TIES v, v FROM (VALUES (1000), (1000), (5)) AS s (v) ORDER BY v DESC
GO
SELECT * FROM t
GO
INSERT TOP (1) t (id, n) EXEC ('SELECT 1, 2 UNION ALL SELECT 2, 3')
GO
UPDATE TOP (50) PERCENT t SET n = -1
DELETE TOP (10) PERCENT FROM t
DECLARE @n int = 1
DELETE TOP (@n) t WHERE id > 1000 - 1
UPDATE TOP (1) t SET n = 7 WHERE id = 1000
GO
SELECT n, COUNT(*) AS times FROM t GROUP BY n ORDER BY n
GO
-- nested DML
INSERT INTO u SELECT x.id, x.was FROM (UPDATE t SET n = n + 100 OUTPUT inserted.id, deleted.n WHERE id < 20) AS x (id, was) WHERE x.id > 1
SELECT @@ROWCOUNT AS inserted
SELECT * FROM u ORDER BY id
GO
INSERT INTO u (id, n)
SELECT id, n FROM (MERGE t USING (VALUES (2), (77)) AS s (v) ON t.id = s.v
    WHEN MATCHED THEN UPDATE SET n = 5 WHEN NOT MATCHED THEN INSERT VALUES (v, v)
    OUTPUT $action, inserted.id, inserted.n) AS x (act, id, n) WHERE act = 'INSERT';
SELECT * FROM u WHERE id = 77
GO
INSERT INTO u SELECT id, n FROM (DELETE t WHERE id = 77) AS x
GO
INSERT INTO u SELECT id, n FROM (DELETE t OUTPUT deleted.id) AS x (id, n)
GO
SELECT * FROM (DELETE t OUTPUT deleted.id) AS x
GO
INSERT INTO u SELECT x.id, 1 FROM (DELETE t OUTPUT deleted.id) AS x JOIN u ON u.id = x.id
GO
-- queries as targets
CREATE TABLE doubles (id int, name varchar(10))
INSERT INTO doubles VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b'), (5, 'c')
GO
WITH numbered AS (SELECT id, name, ROW_NUMBER() OVER (PARTITION BY name ORDER BY id) AS place FROM doubles)
UPDATE numbered SET name = name + CAST(place AS varchar(5)) OUTPUT deleted.name, inserted.name, inserted.id WHERE place > 1
GO
WITH numbered AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS place FROM doubles)
DELETE TOP (1) FROM numbered WHERE place <= 2
SELECT @@ROWCOUNT AS deleted
GO
CREATE VIEW joined AS SELECT d.id, d.name, s.k FROM doubles AS d JOIN (VALUES ('a'), ('a'), ('b')) AS s (k) ON s.k = d.name
GO
UPDATE joined SET name = 'once'
SELECT @@ROWCOUNT AS updated
UPDATE joined SET k = 'x'
GO
SELECT * FROM doubles ORDER BY id
GO
