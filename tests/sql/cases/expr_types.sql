-- What types expressions have: precedence, precision and scale, literals, concatenation; and what is refused.
SELECT 1 AS i, 3000000000 AS d, 1.50 AS n, .5 AS h, 1e3 AS f, $1.5 AS m, 0xAB AS b, 'ab' AS s, N'ab' AS ns, NULL AS nothing
GO
SELECT 7 / 2 AS whole, 7 / 2.0 AS exact_, 7 % 3 AS rest, 1.0 / 3 AS third, -5 AS minus, 2 * 1.25 AS product, 5 + '1' AS from_text
GO
SELECT CAST(1 AS tinyint) + CAST(1 AS smallint) AS small, CAST(1 AS bit) + 1 AS from_bit, CAST(1 AS bigint) * 2 AS big, CAST(1 AS real) + 1 AS real_, CAST(2 AS money) * 3 AS money_, -CAST(1 AS tinyint) AS minus
GO
SELECT CAST(1.5 AS decimal(5, 1)) + CAST(2.25 AS decimal(6, 2)) AS plus, CAST(1.5 AS decimal(5, 1)) * CAST(2.25 AS decimal(6, 2)) AS times, CAST(1.5 AS decimal(5, 1)) / CAST(2.25 AS decimal(6, 2)) AS over_
GO
SELECT 5 & 3 AS a, 5 | 3 AS b, 5 ^ 3 AS c, ~5 AS d
GO
SELECT 'ab' + 'c' AS v, 'ab' + N'c' AS n, CAST('ab' AS char(5)) + CAST('c' AS char(3)) + '|' AS fixed, CAST('x' AS varchar(max)) + 'y' AS big
GO
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS c, COALESCE(NULL, 1, 2.5) AS co, ISNULL(NULL, 'abc') AS i, ISNULL(CAST(NULL AS varchar(2)), 'abcd') AS cut, NULLIF(1, 1) AS n, IIF(1 > 2, 'a', 'bcd') AS iif_, CHOOSE(2, 'a', 'b') AS ch
GO
SELECT CAST('2020-01-31' AS datetime) + 1 AS next_, CAST('2020-01-02' AS datetime) - CAST('2020-01-01' AS datetime) AS between_
GO
SELECT 'a' + 1
GO
SELECT 'a' - 'b'
GO
SELECT 'a' - N'b'
GO
SELECT CAST(1 AS bit) + CAST(1 AS bit)
GO
SELECT 1e0 % 2
GO
SELECT CAST('2020-01-01' AS date) + 1
GO
SELECT CAST('2020-01-01' AS date) + CAST('2020-01-01' AS date)
GO
SELECT CAST(NEWID() AS int)
GO
SELECT CASE WHEN 1 = 0 THEN NULL END
GO
SELECT 'a' COLLATE nothing
GO
SELECT 1 WHERE 'a' COLLATE Latin1_General_CS_AS = 'a' COLLATE Latin1_General_CI_AS
GO
SELECT 1 AS differs WHERE 'a' = 'A' COLLATE Latin1_General_CS_AS
SELECT 1 AS same WHERE 'a' = 'A '
GO
DECLARE @d datetime, @i int
SET @i = @d
GO
