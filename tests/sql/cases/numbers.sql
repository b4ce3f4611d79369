-- Arithmetic: result types and scales of decimals, integer division, rounding, overflow, functions.
SELECT 7 / 2 AS int_, -7 / 2 AS negative, 7 % -3 AS rest, 7 / 2.0 AS exact, 7 / 2e0 AS approximate
GO
SELECT CAST(1 AS decimal(5, 2)) / CAST(3 AS decimal(5, 2)) AS third, CAST(1.25 AS decimal(10, 2)) * CAST(2.5 AS decimal(4, 1)) AS product, CAST(1 AS decimal(38, 10)) / 3 AS wide, 1.10 + 2.205 AS sum_
GO
SELECT CAST(2147483647 AS bigint) + 1 AS big, CAST(255 AS tinyint) AS tiny, CAST(1 AS bit) + CAST(1 AS bit) AS refused
GO
SELECT 2147483647 + 1 AS overflow
GO
SELECT CAST(256 AS tinyint) AS overflow
GO
SELECT CAST(1000 AS decimal(3, 0)) AS overflow
GO
SELECT 9223372036854775807 + 1 AS overflow
GO
SELECT ROUND(2.5, 0) AS r, ROUND(-2.5, 0) AS n, ROUND(1234.5678, 2) AS two, ROUND(1234.5678, -2) AS hundreds, ROUND(2.567, 2, 1) AS cut, ROUND(7, -1) AS ten
GO
SELECT CEILING(1.2) AS c, FLOOR(-1.2) AS f, ABS(-3) AS a, SIGN(-2.5) AS s, SQUARE(3) AS sq, SQRT(16) AS rt, POWER(2, 10) AS p, POWER(2.0, -1) AS half, EXP(0) AS e, LOG(1) AS l, LOG10(1000) AS l10, PI() AS pi_
GO
SELECT CAST(2.5 AS int) AS cut, CAST(-2.5 AS int) AS cut2, CAST(2.55 AS decimal(3, 1)) AS rounded, CAST(1e10 AS bigint) AS big, CONVERT(int, '  42 ') AS trimmed
GO
SELECT $1.23456 AS money_, CAST(1 AS money) / 3 AS third, CAST('$1,234.50' AS money) AS parsed, CAST(922337203685477.5807 AS money) AS most
GO
SELECT CAST(0.1 AS float) + 0.2 AS sum_, CAST(1 AS real) / 3 AS real_, CAST(1e308 AS float) * 10 AS overflow
GO
SELECT 5 & 3 AS and_, 5 | 3 AS or_, 5 ^ 3 AS xor_, ~5 AS not_, -(-5) AS minus_
GO
SELECT 99999999999999999999999999999999999999 AS widest, 0.00000000000000000000000000000000000001 AS smallest
GO
SELECT CAST('12x' AS int)
GO
SELECT CAST('1.5' AS int)
GO
SELECT TRY_CAST('x' AS int) AS nothing, TRY_CONVERT(date, '2024-13-01') AS none, ISNUMERIC('1e5') AS yes, ISNUMERIC('x') AS no, PARSENAME('a.b.c', 2) AS part
GO
SELECT 1 / 0.0
GO
SELECT SQRT(-1)
GO
