-- MERGE: conditions in order, a row that matches twice, the semicolon that it needs.
CREATE TABLE stock (id int NOT NULL PRIMARY KEY, n int NOT NULL)
INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30)
GO
MERGE INTO stock AS t
USING (VALUES (1, 5), (2, -20), (4, 40)) AS s (id, n) ON t.id = s.id
WHEN MATCHED AND t.n + s.n = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET n = t.n + s.n
WHEN NOT MATCHED BY TARGET THEN INSERT (id, n) VALUES (s.id, s.n);
GO
SELECT * FROM stock ORDER BY id
GO
MERGE stock AS t USING (VALUES (1), (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = 2;
GO
MERGE stock AS t USING (VALUES (1)) AS s (id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = 2
GO
GO
-- OUTPUT with $action, both images and the source's columns
CREATE TABLE target (id int IDENTITY(10, 10) PRIMARY KEY, code varchar(10) NOT NULL CONSTRAINT one_code UNIQUE, n int NULL,
    doubled AS n * 2, stamp varchar(10) NOT NULL DEFAULT 'new')
CREATE TABLE source (code varchar(10) NOT NULL, n int NULL, note varchar(20) NULL)
INSERT INTO target (code, n) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4)
INSERT INTO source VALUES ('b', 20, 'second'), ('c', NULL, 'third'), ('x', 100, 'new one'), ('y', 200, NULL)
GO
MERGE INTO target AS t USING source AS s ON t.code = s.code
WHEN MATCHED AND s.n IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET t.n = s.n, stamp = 'upd'
WHEN NOT MATCHED THEN INSERT (code, n) VALUES (s.code, s.n)
WHEN NOT MATCHED BY SOURCE AND t.n = 1 THEN UPDATE SET n = t.n - 1
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, deleted.id, deleted.n AS was, inserted.id, inserted.n AS now, inserted.doubled, inserted.stamp, s.note;
SELECT @@ROWCOUNT AS changed, SCOPE_IDENTITY() AS [identity]
GO
SELECT * FROM target ORDER BY id
GO
-- OUTPUT INTO a table variable, then a second OUTPUT to the client
DECLARE @log TABLE (what nvarchar(10), id int, note varchar(20))
MERGE target AS t USING (VALUES ('x', 1), ('z', 2)) AS s (code, n) ON t.code = s.code
WHEN MATCHED THEN UPDATE SET n = s.n
WHEN NOT MATCHED THEN INSERT (code, n) VALUES (code, n)
OUTPUT $action, ISNULL(inserted.id, deleted.id), s.code INTO @log (what, id, note)
OUTPUT inserted.*;
SELECT * FROM @log ORDER BY id
GO
-- TOP, and what it leaves
MERGE TOP (1) target AS t USING (SELECT 'b' AS code UNION ALL SELECT 'q') AS s ON t.code = s.code
WHEN MATCHED THEN UPDATE SET n = -1
WHEN NOT MATCHED THEN INSERT (code) VALUES (s.code);
SELECT @@ROWCOUNT AS changed
MERGE TOP (50) PERCENT target AS t USING (VALUES ('k1'), ('k2'), ('k3'), ('k4')) AS s (code) ON t.code = s.code
WHEN NOT MATCHED THEN INSERT (code) VALUES (s.code);
SELECT @@ROWCOUNT AS changed
GO
-- a condition that cannot be hashed, with rows of both sides left over
CREATE TABLE ranges (low int, high int, hits int)
INSERT INTO ranges VALUES (1, 10, 0), (11, 20, 0), (21, 30, 0)
MERGE ranges AS r USING (VALUES (5), (25), (99)) AS p (v) ON p.v BETWEEN r.low AND r.high
WHEN MATCHED THEN UPDATE SET hits += 1
WHEN NOT MATCHED BY TARGET THEN INSERT VALUES (p.v, p.v, 0)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, deleted.low, inserted.low, inserted.hits, p.v;
GO
-- a view and a CTE as targets
CREATE VIEW only_x AS SELECT id, code AS c, n FROM target WHERE code >= 'x' WITH CHECK OPTION
GO
MERGE only_x AS t USING (VALUES ('x', 7), ('zz', 8)) AS s (c, n) ON t.c = s.c
WHEN MATCHED THEN UPDATE SET n = s.n
WHEN NOT MATCHED THEN INSERT (c, n) VALUES (s.c, s.n)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, inserted.c, inserted.n, deleted.c;
GO
MERGE only_x AS t USING (VALUES ('aa', 8)) AS s (c, n) ON t.c = s.c
WHEN NOT MATCHED THEN INSERT (c, n) VALUES (s.c, s.n);
GO
WITH part AS (SELECT code, n FROM target WHERE code LIKE 'k%')
MERGE part USING (VALUES ('k1', 5)) AS s (code, n) ON part.code = s.code
WHEN MATCHED THEN UPDATE SET n = s.n
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, deleted.code, inserted.n;
GO
SELECT code, n FROM target ORDER BY code
GO
-- identity values given, and not allowed
MERGE target AS t USING (VALUES (500, 'i')) AS s (id, code) ON t.id = s.id
WHEN NOT MATCHED THEN INSERT (id, code) VALUES (s.id, s.code);
GO
SET IDENTITY_INSERT target ON
MERGE target AS t USING (VALUES (500, 'i')) AS s (id, code) ON t.id = s.id
WHEN NOT MATCHED THEN INSERT (id, code) VALUES (s.id, s.code) OUTPUT inserted.id;
SET IDENTITY_INSERT target OFF
SELECT IDENT_CURRENT('target') AS now_at
GO
-- triggers: once for each action that the statement names
CREATE TRIGGER watch_i ON target AFTER INSERT AS SELECT 'insert' AS fired, (SELECT COUNT(*) FROM inserted) AS i, (SELECT COUNT(*) FROM deleted) AS d
GO
CREATE TRIGGER watch_u ON target AFTER UPDATE AS SELECT 'update' AS fired, (SELECT COUNT(*) FROM inserted) AS i, (SELECT COUNT(*) FROM deleted) AS d
GO
CREATE TRIGGER watch_d ON target AFTER DELETE AS SELECT 'delete' AS fired, (SELECT COUNT(*) FROM inserted) AS i, (SELECT COUNT(*) FROM deleted) AS d
GO
CREATE PROCEDURE merge_two @first varchar(10), @n int AS
MERGE target AS t USING (VALUES (@first), ('new1'), ('new2')) AS s (code) ON t.code = s.code
WHEN MATCHED THEN UPDATE SET n = @n
WHEN NOT MATCHED THEN INSERT (code, n) VALUES (s.code, @n);
RETURN @@ROWCOUNT
GO
DECLARE @changed int
EXEC @changed = merge_two 'x', 42
SELECT @changed AS changed
EXEC @changed = merge_two 'x', 43
SELECT @changed AS changed
SELECT code, n FROM target WHERE n IN (42, 43) ORDER BY code
GO
DROP TRIGGER watch_i, watch_u, watch_d
GO
-- errors
MERGE target AS t USING (VALUES ('x', 1), ('x', 2)) AS s (code, n) ON t.code = s.code
WHEN MATCHED THEN UPDATE SET n = s.n OUTPUT inserted.n;
GO
MERGE target AS t USING (VALUES ('x', 1), ('x', 2)) AS s (code, n) ON t.code = s.code
WHEN MATCHED AND s.n = 2 THEN UPDATE SET n = s.n OUTPUT inserted.n;
GO
MERGE target AS t USING source AS s ON t.code = s.code
WHEN MATCHED THEN INSERT (code) VALUES ('q');
GO
MERGE target AS t USING source AS s ON t.code = s.code
WHEN MATCHED AND s.n = 1 THEN DELETE WHEN MATCHED THEN DELETE;
GO
MERGE target AS t USING source AS s ON t.code = s.code
WHEN MATCHED THEN DELETE WHEN MATCHED AND t.n = 1 THEN UPDATE SET n = 1;
GO
MERGE target AS t USING source AS s ON t.code = s.code
WHEN NOT MATCHED BY SOURCE AND s.n = 1 THEN DELETE;
GO
MERGE target AS t USING source AS s ON t.code = s.code
WHEN NOT MATCHED THEN INSERT (code) VALUES (t.code) OUTPUT $action;
GO
MERGE target AS t USING (VALUES ('m', 1 / 0)) AS s (code, n) ON t.code = s.code
WHEN NOT MATCHED THEN INSERT (code, n) VALUES (s.code, s.n) OUTPUT $action;
GO
MERGE target AS t USING (VALUES ('m'), ('m')) AS s (code) ON t.code = s.code
WHEN NOT MATCHED THEN INSERT (code) VALUES (s.code) OUTPUT $action;
GO
MERGE target WITH (HOLDLOCK) AS t USING (VALUES ('held', 1)) AS s (code, n) ON t.code = s.code
WHEN MATCHED THEN UPDATE SET n = s.n
WHEN NOT MATCHED THEN INSERT (code, n) VALUES (s.code, s.n);
SELECT @@ROWCOUNT AS changed
GO
