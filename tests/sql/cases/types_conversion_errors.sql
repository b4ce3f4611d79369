-- Every conversion's own error, and TRY_ forms that give NULL instead.
SELECT CAST('300' AS tinyint)
GO
SELECT CAST('70000' AS smallint)
GO
SELECT CAST('3000000000' AS int)
GO
SELECT CAST('99999999999999999999' AS bigint)
GO
SELECT CAST('x' AS bigint)
GO
SELECT CAST(N'1.5' AS int)
GO
SELECT CAST('maybe' AS bit)
GO
SELECT CAST('x' AS decimal(5, 2))
GO
SELECT CAST('12345' AS decimal(5, 2))
GO
SELECT CAST('x' AS float)
GO
SELECT CAST('x' AS money)
GO
SELECT CAST('999999' AS smallmoney)
GO
SELECT CAST(70000 AS smallint)
GO
SELECT CAST(3000000000 AS int)
GO
SELECT CAST(1e20 AS int)
GO
SELECT CAST(1e39 AS decimal(38, 0))
GO
SELECT CAST('x' AS smalldatetime)
GO
SELECT CAST('2024-13-01' AS datetime)
GO
SELECT CAST('25:00' AS time)
GO
SELECT CAST(CAST('9999-01-01' AS datetime) AS smalldatetime)
GO
SELECT CAST(CAST('0001-01-01' AS date) AS datetime)
GO
SELECT CAST(123456 AS nvarchar(3))
GO
SELECT CAST(12.34 AS varchar(3))
GO
SELECT CAST(NEWID() AS varchar(10))
GO
SELECT CAST($1234567 AS varchar(3))
GO
SELECT CAST(GETDATE() AS uniqueidentifier)
GO
DECLARE @x xml = '<a></b>'
GO
DECLARE @d date = 1
GO
DECLARE @b varbinary(10) = 'abc'
GO
CREATE TABLE short (a varchar(3), b nvarchar(2), c varbinary(2), d char(2))
INSERT INTO short (a) VALUES ('abcd')
GO
INSERT INTO short (b) VALUES (N'äöü')
GO
INSERT INTO short (c) VALUES (0x010203)
GO
INSERT INTO short (a, d) VALUES ('abc   ', 'x'), ('ab', 'yz  ')
SELECT a, d, DATALENGTH(a) AS la, DATALENGTH(d) AS ld FROM short
GO
SELECT TRY_CAST('x' AS int) AS i, TRY_CAST('300' AS tinyint) AS t, TRY_CONVERT(datetime, 'x') AS d, TRY_CAST('x' AS uniqueidentifier) AS u, TRY_CAST('<a>' AS xml) AS x, TRY_CAST('12345' AS decimal(4, 0)) AS n, TRY_CAST(1e20 AS int) AS f, TRY_CAST('7' AS int) AS ok
GO
SELECT TRY_CAST(1 AS uniqueidentifier)
GO
