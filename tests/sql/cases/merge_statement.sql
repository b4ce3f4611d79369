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
