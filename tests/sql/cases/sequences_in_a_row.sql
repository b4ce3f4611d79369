-- NEXT VALUE FOR twice in one row gives one value; each row and each statement a new one.
CREATE SEQUENCE dbo.ticket AS int START WITH 1;
CREATE TABLE dbo.tickets (a int NOT NULL, b int NOT NULL, c int NOT NULL DEFAULT (NEXT VALUE FOR dbo.ticket));
GO
INSERT INTO dbo.tickets (a, b) VALUES (NEXT VALUE FOR dbo.ticket, NEXT VALUE FOR dbo.ticket + 100);
SELECT a, b FROM dbo.tickets;
GO
DELETE FROM dbo.tickets;
ALTER SEQUENCE dbo.ticket RESTART WITH 10;
INSERT INTO dbo.tickets (a, b, c) VALUES (NEXT VALUE FOR dbo.ticket, NEXT VALUE FOR dbo.ticket, 0),
    (NEXT VALUE FOR dbo.ticket, NEXT VALUE FOR dbo.ticket, 0);
SELECT a, b FROM dbo.tickets ORDER BY a;
GO
ALTER SEQUENCE dbo.ticket RESTART WITH 20;
SELECT NEXT VALUE FOR dbo.ticket AS one, NEXT VALUE FOR dbo.ticket AS same, v.n FROM (VALUES (1), (2)) AS v(n);
UPDATE dbo.tickets SET a = NEXT VALUE FOR dbo.ticket, b = NEXT VALUE FOR dbo.ticket;
SELECT a - b AS difference, COUNT(*) AS rows FROM dbo.tickets GROUP BY a - b;
GO
DROP TABLE dbo.tickets;
DROP SEQUENCE dbo.ticket;
GO
