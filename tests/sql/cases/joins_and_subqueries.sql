-- Joins of every kind, correlated and scalar subqueries, EXISTS, IN with NULLs, APPLY.
CREATE TABLE a (id int NOT NULL PRIMARY KEY, name varchar(10) NULL)
CREATE TABLE b (id int NOT NULL PRIMARY KEY, a_id int NULL, amount decimal(8, 2) NOT NULL)
INSERT INTO a VALUES (1, 'one'), (2, 'two'), (3, NULL)
INSERT INTO b VALUES (10, 1, 1.25), (11, 1, 2.50), (12, 2, 4.00), (13, NULL, 8.00)
GO
SELECT a.name, b.amount FROM a INNER JOIN b ON b.a_id = a.id ORDER BY b.id
GO
SELECT a.id, b.id AS b_id FROM a LEFT JOIN b ON b.a_id = a.id ORDER BY a.id, b.id
GO
SELECT a.id, b.id AS b_id FROM a RIGHT OUTER JOIN b ON b.a_id = a.id ORDER BY b.id
GO
SELECT a.id, b.id AS b_id FROM a FULL JOIN b ON b.a_id = a.id ORDER BY ISNULL(a.id, 99), b.id
GO
SELECT x.id, y.id AS other FROM a AS x CROSS JOIN a y WHERE x.id < y.id ORDER BY 1, 2
GO
SELECT x.id, y.id FROM a x, a y WHERE x.id = y.id + 1 ORDER BY x.id
GO
SELECT id, (SELECT SUM(amount) FROM b WHERE b.a_id = a.id) AS total FROM a ORDER BY id
GO
SELECT id FROM a WHERE EXISTS (SELECT * FROM b WHERE b.a_id = a.id) ORDER BY id
GO
SELECT id FROM a WHERE id NOT IN (SELECT a_id FROM b WHERE a_id IS NOT NULL) ORDER BY id
GO
-- One NULL in the list: nothing is certainly outside of it.
SELECT id FROM a WHERE id NOT IN (SELECT a_id FROM b)
GO
SELECT id FROM b WHERE amount > ALL (SELECT amount FROM b WHERE a_id = 1) ORDER BY id
GO
SELECT id FROM b WHERE amount >= ANY (SELECT amount FROM b WHERE a_id = 2) ORDER BY id
GO
SELECT a.id, t.amount FROM a CROSS APPLY (SELECT TOP (1) amount FROM b WHERE b.a_id = a.id ORDER BY amount DESC) AS t ORDER BY a.id
GO
SELECT a.id, t.amount FROM a OUTER APPLY (SELECT TOP (1) amount FROM b WHERE b.a_id = a.id ORDER BY amount DESC) AS t ORDER BY a.id
GO
SELECT d.n, d.total FROM (SELECT a_id, COUNT(*), SUM(amount) FROM b GROUP BY a_id) AS d (k, n, total) ORDER BY d.k
GO
SELECT (SELECT id FROM a) AS several
GO
SELECT id FROM a, b
GO
SELECT c.id FROM a
GO
SELECT nothing FROM a
GO
SELECT * FROM missing
GO
