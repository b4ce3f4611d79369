-- Implicit conversions by precedence, explicit ones, truncation, binary and identifiers.
SELECT 1 + '2' AS int_, 1.5 + '2' AS dec_, 'a' + N'b' AS wide, CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS mixed, COALESCE(NULL, 1, 2.5) AS c, ISNULL(CAST(NULL AS varchar(2)), 'long') AS cut
GO
SELECT CAST('abcdef' AS varchar(3)) AS cut, CAST(123 AS varchar(2)) AS star, CAST('ab' AS char(4)) + '|' AS padded, CAST(N'ä' AS varchar(5)) AS narrow, CAST(N'Ж' AS varchar(5)) AS lost
GO
SELECT CAST(255 AS varbinary(4)) AS b, CAST(0x41 AS varchar(2)) AS s, CAST(0x0102 AS int) AS i, CONVERT(varchar(10), 0x1F, 1) AS hex, CONVERT(varbinary(4), '0x1F', 1) AS unhex, CAST('A' AS binary(3)) AS padded
GO
SELECT CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) AS g, CAST(CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) AS binary(16)) AS b
GO
SELECT CAST('true' AS bit) AS t, CAST('0' AS bit) AS f, CAST(5 AS bit) AS five, CAST(NULL AS bit) AS n
GO
SELECT CAST(1.5 AS varchar(10)) AS d, CAST(1e0 AS varchar(20)) AS f, CAST(1234567.0 AS float) AS g, CONVERT(varchar(30), CAST(1234567.891 AS float)) AS h, CONVERT(varchar(20), $1234.5, 1) AS m
GO
SELECT CAST(1 AS sql_variant) AS v, SQL_VARIANT_PROPERTY(CAST(1.50 AS sql_variant), 'BaseType') AS base, SQL_VARIANT_PROPERTY(CAST(1.50 AS sql_variant), 'Scale') AS scale_
GO
SELECT CAST('<a><b x="1"/></a>' AS xml) AS x
GO
SELECT CAST('abc' AS date)
GO
SELECT CAST('zz' AS uniqueidentifier)
GO
SELECT CAST(CAST('2024-01-01' AS date) AS int)
GO
SELECT CAST('<a>' AS xml)
GO
SELECT CAST(1 AS nothing)
GO
SELECT 1 WHERE 'x' = 1
GO
DECLARE @t TABLE (a varchar(3), b tinyint, c decimal(4, 2))
INSERT INTO @t VALUES ('abc', 255, 99.999)
GO
DECLARE @s varchar(3) = 'abcdef', @n nvarchar(2) = N'äöü'
SELECT @s AS s, @n AS n
GO
