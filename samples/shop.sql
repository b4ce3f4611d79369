/*
 * A small shop: products, customers, orders and what was ordered. It shows a new user what works
 * and how it looks: tables with keys, defaults, checks and computed columns, an index, a view, a
 * function, procedures, transactions and errors.
 *
 *     sqlcmd -S tcp:localhost,1433 -U sa -P "$(cat DATA/sa.password)" -C -i samples/shop.sql
 *
 * Afterwards look around with samples/tour.sql.
 */
IF DB_ID(N'Shop') IS NOT NULL
    DROP DATABASE Shop
GO
CREATE DATABASE Shop
GO
USE Shop
GO

CREATE TABLE dbo.Customers (
    CustomerId int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Customers PRIMARY KEY,
    Name nvarchar(80) NOT NULL,
    Email varchar(120) NULL CONSTRAINT UQ_Customers_Email UNIQUE,
    Since date NOT NULL CONSTRAINT DF_Customers_Since DEFAULT (getdate())
)
GO
CREATE TABLE dbo.Products (
    ProductId int IDENTITY(100, 10) NOT NULL CONSTRAINT PK_Products PRIMARY KEY,
    Name nvarchar(80) NOT NULL,
    Price decimal(10, 2) NOT NULL CONSTRAINT CK_Products_Price CHECK (Price >= 0),
    InStock int NOT NULL CONSTRAINT DF_Products_InStock DEFAULT (0),
    Discontinued bit NOT NULL CONSTRAINT DF_Products_Discontinued DEFAULT (0),
    CONSTRAINT CK_Products_InStock CHECK (InStock >= 0)
)
GO
CREATE TABLE dbo.Orders (
    OrderId int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Orders PRIMARY KEY,
    CustomerId int NOT NULL CONSTRAINT FK_Orders_Customers REFERENCES dbo.Customers (CustomerId),
    Placed datetime2(0) NOT NULL,
    Note nvarchar(max) NULL
)
GO
CREATE TABLE dbo.OrderLines (
    OrderId int NOT NULL CONSTRAINT FK_OrderLines_Orders REFERENCES dbo.Orders (OrderId),
    ProductId int NOT NULL CONSTRAINT FK_OrderLines_Products REFERENCES dbo.Products (ProductId),
    Quantity int NOT NULL CONSTRAINT CK_OrderLines_Quantity CHECK (Quantity > 0),
    Price decimal(10, 2) NOT NULL,
    Total AS (Quantity * Price),
    CONSTRAINT PK_OrderLines PRIMARY KEY (OrderId, ProductId)
)
GO
CREATE INDEX IX_Orders_Customer ON dbo.Orders (CustomerId, Placed) INCLUDE (Note)
GO

INSERT INTO dbo.Customers (Name, Email, Since) VALUES
    (N'Ada Lovelace', 'ada@example.org', '2021-12-10'),
    (N'Grace Hopper', 'grace@example.org', '2022-12-09'),
    (N'Jürgen Müller', NULL, '2023-05-01')
INSERT INTO dbo.Products (Name, Price, InStock) VALUES
    (N'Teapot', 24.90, 12),
    (N'Cup', 4.50, 100),
    (N'Sugar tongs', 7.25, 3),
    (N'Samovar', 189.00, 1)
INSERT INTO dbo.Orders (CustomerId, Placed, Note) VALUES
    (1, '2024-03-01T10:15:00', NULL),
    (1, '2024-04-12T18:02:30', N'gift wrapping, please 🎁'),
    (2, '2024-04-15T09:00:00', NULL)
INSERT INTO dbo.OrderLines (OrderId, ProductId, Quantity, Price) VALUES
    (1, 100, 1, 24.90), (1, 110, 6, 4.50),
    (2, 130, 1, 179.00),
    (3, 110, 2, 4.50), (3, 120, 1, 7.25)
GO

CREATE VIEW dbo.OrderTotals AS
SELECT o.OrderId, c.Name AS Customer, o.Placed, COUNT(*) AS Lines, SUM(l.Total) AS Total
FROM dbo.Orders AS o
JOIN dbo.Customers AS c ON c.CustomerId = o.CustomerId
JOIN dbo.OrderLines AS l ON l.OrderId = o.OrderId
GROUP BY o.OrderId, c.Name, o.Placed
GO

CREATE FUNCTION dbo.Discounted (@price decimal(10, 2), @percent int)
RETURNS decimal(10, 2)
AS
BEGIN
    RETURN @price - @price * @percent / 100
END
GO

/* Sells so many of a product: one transaction, with an error when the stock does not suffice. */
CREATE PROCEDURE dbo.Sell
    @customer int, @product int, @quantity int, @order int = NULL OUTPUT
AS
BEGIN
    SET NOCOUNT ON
    DECLARE @price decimal(10, 2)

    SELECT @price = Price FROM dbo.Products WHERE ProductId = @product AND Discontinued = 0
    IF @price IS NULL
        THROW 50001, N'There is no such product.', 1

    BEGIN TRY
        BEGIN TRANSACTION
        UPDATE dbo.Products SET InStock = InStock - @quantity WHERE ProductId = @product
        INSERT INTO dbo.Orders (CustomerId, Placed) VALUES (@customer, '2024-05-01T12:00:00')
        SET @order = SCOPE_IDENTITY()
        INSERT INTO dbo.OrderLines (OrderId, ProductId, Quantity, Price)
        VALUES (@order, @product, @quantity, @price)
        COMMIT TRANSACTION
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION
        IF ERROR_NUMBER() = 547
            THROW 50002, N'There are not that many in stock.', 1;
        THROW
    END CATCH
END
GO

/* The orders of a customer and, as a second result set, what the customer spent by month. */
CREATE PROCEDURE dbo.CustomerReport @customer int
AS
BEGIN
    SET NOCOUNT ON
    SELECT OrderId, Placed, Lines, Total
    FROM dbo.OrderTotals
    WHERE Customer = (SELECT Name FROM dbo.Customers WHERE CustomerId = @customer)
    ORDER BY Placed

    SELECT YEAR(Placed) AS [Year], MONTH(Placed) AS [Month], SUM(Total) AS Spent,
        SUM(SUM(Total)) OVER (ORDER BY YEAR(Placed), MONTH(Placed)) AS SpentSoFar
    FROM dbo.OrderTotals
    WHERE Customer = (SELECT Name FROM dbo.Customers WHERE CustomerId = @customer)
    GROUP BY YEAR(Placed), MONTH(Placed)
    ORDER BY [Year], [Month]
END
GO
PRINT 'The sample database Shop is ready.'
GO
