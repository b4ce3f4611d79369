-- How names are found: aliases, prefixes, outer queries, ORDER BY; and the errors when they are not.
CREATE TABLE orders (id int NOT NULL PRIMARY KEY, customer nvarchar(20) NOT NULL, amount decimal(10, 2) NULL)
CREATE TABLE lines (order_id int NOT NULL, n int NOT NULL, item varchar(10) NULL)
INSERT INTO orders VALUES (1, N'ann', 10.5), (2, N'bob', 20), (3, N'ann', NULL)
INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, NULL)
GO
SELECT orders.id, dbo.orders.customer FROM dbo.orders WHERE orders.id = 1
SELECT o.id AS i, customer c FROM orders o ORDER BY c, i DESC
SELECT total = amount * 2 FROM orders ORDER BY amount DESC, id
SELECT o.*, n FROM orders o, lines l WHERE o.id = l.order_id AND l.item LIKE '[ab]' ORDER BY n
SELECT id, id FROM orders ORDER BY id
SELECT customer, (SELECT COUNT(*) FROM lines WHERE order_id = id) AS c FROM orders ORDER BY id
GO
SELECT id FROM orders o JOIN orders o ON 1 = 1
GO
SELECT * FROM orders JOIN dbo.orders ON 1 = 1
GO
SELECT x.* FROM orders o
GO
SELECT orders.id FROM orders o
GO
SELECT id x, customer x FROM orders ORDER BY x
GO
SELECT id FROM orders ORDER BY id, id
GO
SELECT * FROM (SELECT 1, 2) AS t
GO
SELECT * FROM (SELECT 1 AS a, 2 AS a) AS t
GO
SELECT * FROM (SELECT 1 AS a) AS t (x, y)
GO
SELECT * FROM orders, (SELECT orders.id AS z) q
GO
SELECT *
GO
SELECT dbo.nofunc(1)
GO
SELECT nofunc(1)
GO
SELECT (SELECT 1, 2)
GO
SELECT 1 WHERE 1 IN (SELECT 1, 2)
GO
SELECT id FROM orders GROUP BY 1
GO
SELECT * FROM orders WITH (FOO)
GO
