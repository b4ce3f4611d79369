-- WITH: several, nested, recursive, in DML, and the limit of recursion.
CREATE TABLE staff (id int NOT NULL PRIMARY KEY, boss int NULL, name varchar(20) NOT NULL)
INSERT INTO staff VALUES (1, NULL, 'Ann'), (2, 1, 'Bob'), (3, 1, 'Cy'), (4, 2, 'Dee'), (5, 4, 'Eve')
GO
WITH x AS (SELECT id FROM staff WHERE id < 3), y (n) AS (SELECT id * 10 FROM x)
SELECT x.id, y.n FROM x JOIN y ON y.n = x.id * 10 ORDER BY x.id
GO
WITH tree (id, name, depth, trail) AS (
    SELECT id, name, 0, CAST(name AS varchar(100)) FROM staff WHERE boss IS NULL
    UNION ALL
    SELECT s.id, s.name, t.depth + 1, CAST(t.trail + '/' + s.name AS varchar(100))
    FROM staff s JOIN tree t ON t.id = s.boss
)
SELECT depth, trail FROM tree ORDER BY trail
GO
WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
SELECT SUM(i) AS s, COUNT(*) AS c FROM n
GO
WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT COUNT(*) AS c FROM n
GO
WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
SELECT MAX(i) AS m FROM n OPTION (MAXRECURSION 1000)
GO
WITH doomed AS (SELECT TOP (1) * FROM staff ORDER BY id DESC)
DELETE FROM doomed
GO
WITH renamed AS (SELECT name FROM staff WHERE id = 4)
UPDATE renamed SET name = 'Dora'
GO
SELECT id, name FROM staff ORDER BY id
GO
