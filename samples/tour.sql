/*
 * A walk through the sample database of samples/shop.sql; run that one first.
 */
USE Shop
GO
SELECT * FROM dbo.OrderTotals ORDER BY OrderId
GO
SELECT TOP (2) Name, Price, dbo.Discounted(Price, 10) AS Sale FROM dbo.Products ORDER BY Price DESC
GO
SELECT c.Name, COALESCE(c.Email, '(none)') AS Email, COUNT(o.OrderId) AS Orders
FROM dbo.Customers AS c
LEFT JOIN dbo.Orders AS o ON o.CustomerId = c.CustomerId
GROUP BY c.Name, c.Email
ORDER BY c.Name
GO
EXEC dbo.CustomerReport @customer = 1
GO
DECLARE @new int
EXEC dbo.Sell @customer = 3, @product = 120, @quantity = 2, @order = @new OUTPUT
SELECT @new AS NewOrder, InStock FROM dbo.Products WHERE ProductId = 120
GO
-- Only one is left: the procedure refuses and nothing changes.
EXEC dbo.Sell @customer = 3, @product = 120, @quantity = 5
GO
SELECT InStock, (SELECT COUNT(*) FROM dbo.Orders) AS Orders, @@TRANCOUNT AS Open_
FROM dbo.Products WHERE ProductId = 120
GO
EXEC dbo.Sell 1, 999, 1
GO
WITH Ranked AS (
    SELECT ProductId, SUM(Quantity) AS Sold, RANK() OVER (ORDER BY SUM(Quantity) DESC) AS Place
    FROM dbo.OrderLines GROUP BY ProductId
)
SELECT r.Place, p.Name, r.Sold FROM Ranked AS r JOIN dbo.Products AS p ON p.ProductId = r.ProductId
ORDER BY r.Place, p.Name
GO
INSERT INTO dbo.Customers (Name, Email) VALUES (N'An impostor', 'ADA@example.org')
GO
INSERT INTO dbo.Orders (CustomerId, Placed) VALUES (77, '2024-06-01')
GO
SELECT t.name AS [table], COUNT(*) AS columns
FROM sys.tables AS t JOIN sys.columns AS c ON c.object_id = t.object_id
GROUP BY t.name ORDER BY t.name
GO
