-- APPLY, PIVOT, UNPIVOT, nested outer joins and functions in FROM.
CREATE TABLE orders (id int NOT NULL PRIMARY KEY, customer nvarchar(20) NOT NULL, amount decimal(10, 2) NULL, twice AS amount * 2)
CREATE TABLE lines (order_id int NOT NULL, n int NOT NULL, item varchar(10) NULL)
INSERT INTO orders (id, customer, amount) VALUES (1, N'ann', 10.5), (2, N'bob', 20), (3, N'ann', NULL)
INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, NULL)
GO
CREATE FUNCTION from_order (@first int, @factor int = 10) RETURNS TABLE AS RETURN (SELECT id, customer, @factor * id AS scaled FROM dbo.orders WHERE id >= @first)
GO
SELECT * FROM dbo.from_order(2, DEFAULT) ORDER BY id
SELECT l.n, f.id, f.scaled FROM lines l CROSS APPLY dbo.from_order(l.order_id + 1, l.n) f WHERE l.item IS NOT NULL ORDER BY l.n, f.id
GO
SELECT o.id, t.item FROM orders o OUTER APPLY (SELECT TOP 1 item FROM lines l WHERE l.order_id = o.id ORDER BY n DESC) t ORDER BY o.id
SELECT o.id, t.item FROM orders o CROSS APPLY (SELECT item FROM lines l WHERE l.order_id = o.id) t ORDER BY o.id, t.item
GO
SELECT x.id, y.twice FROM orders x LEFT JOIN (orders y JOIN lines l ON l.order_id = y.id AND l.n = 2) ON y.id = x.id ORDER BY x.id
SELECT a.id, b.n FROM orders a FULL OUTER JOIN lines b ON a.id = b.order_id AND b.n = 1 ORDER BY 1, 2
GO
SELECT * FROM (SELECT customer, id, amount FROM orders) s PIVOT (SUM(id) FOR customer IN ([ann], [bob])) p ORDER BY amount
SELECT id, kind, v FROM (SELECT id, id * 10 AS a, NULLIF(id, 2) AS b FROM orders) s UNPIVOT (v FOR kind IN (a, b)) u ORDER BY id, kind
GO
SELECT * FROM STRING_SPLIT('x,y', ',')
SELECT v, o FROM STRING_SPLIT('x,y', ',', 1) AS s (v, o) WHERE o = 2
GO
SELECT * FROM orders PIVOT (COUNT(*) FOR customer IN ([ann])) p
GO
SELECT id FROM dbo.from_order(1)
GO
SELECT * FROM dbo.from_order
GO
