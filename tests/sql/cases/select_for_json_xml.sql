-- FOR JSON and FOR XML, in statements and subqueries.
CREATE TABLE orders (id int NOT NULL PRIMARY KEY, customer nvarchar(20) NOT NULL, amount decimal(10, 2) NULL, paid bit NOT NULL, placed datetime NULL)
CREATE TABLE lines (order_id int NOT NULL, n int NOT NULL, item varchar(10) NULL)
INSERT INTO orders VALUES (1, N'ann "a"', 10.5, 1, '2020-01-02T03:04:05'), (2, N'b<ob>', NULL, 0, NULL)
INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, NULL)
GO
SELECT * FROM orders ORDER BY id FOR JSON PATH
SELECT id AS 'key.id', customer AS 'key.name', amount FROM orders ORDER BY id FOR JSON PATH, ROOT('orders'), INCLUDE_NULL_VALUES
SELECT o.id, l.n, l.item FROM orders o JOIN lines l ON l.order_id = o.id ORDER BY o.id, l.n FOR JSON AUTO
SELECT 1 AS a FOR JSON PATH, WITHOUT_ARRAY_WRAPPER
SELECT id, (SELECT n, item FROM lines l WHERE l.order_id = o.id ORDER BY n FOR JSON PATH) AS lines FROM orders o ORDER BY id FOR JSON PATH
SELECT id FROM orders WHERE 1 = 0 FOR JSON PATH
GO
SELECT * FROM orders ORDER BY id FOR XML RAW
SELECT id, customer FROM orders ORDER BY id FOR XML RAW('order'), ELEMENTS, ROOT('orders')
SELECT o.id, l.n, l.item FROM orders o JOIN lines l ON l.order_id = o.id ORDER BY o.id, l.n FOR XML AUTO
SELECT id AS '@id', customer AS 'who/name', amount AS 'who/amount' FROM orders ORDER BY id FOR XML PATH('order'), ROOT('orders')
SELECT STUFF((SELECT ',' + item FROM lines WHERE item IS NOT NULL ORDER BY item FOR XML PATH('')), 1, 1, '') AS items
GO
SELECT 1 FOR JSON PATH
GO
SELECT 1 FOR XML RAW
GO
