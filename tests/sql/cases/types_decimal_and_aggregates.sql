-- Decimals at their extremes, and the types and values that aggregates give.
SELECT CAST('99999999999999999999999999999999999999' AS decimal(38, 0)) - 1 AS most, CAST(-0.5 AS decimal(5, 0)) AS away, CAST(0.49 AS decimal(5, 0)) AS down, CAST('  -12.50 ' AS decimal(6, 3)) AS parsed
GO
SELECT CAST(1 AS decimal(38, 20)) / CAST(7 AS decimal(38, 20)) AS q, CAST(12345678901234567890 AS decimal(38, 0)) * 1234567890 AS p, CAST(10 AS decimal(38, 30)) % CAST(3 AS decimal(10, 5)) AS r
GO
SELECT CAST('99999999999999999999999999999999999999' AS decimal(38, 0)) * 10 AS overflow
GO
SELECT CAST('1e5' AS decimal(10, 0)) AS refused
GO
SELECT CAST(12345.678 AS decimal(6, 2)) AS overflow
GO
CREATE TABLE n (g int, t tinyint, i int, b bigint, d decimal(10, 2), m money, f float, s varchar(10))
INSERT INTO n VALUES (1, 255, 2147483647, 9223372036854775807, 1.25, 1.5, 0.5, 'b'), (1, 255, 1, 1, 2.50, 2.5, 1.5, 'a'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (2, 1, 7, -7, -3.00, -1, 3, 'c')
GO
SELECT SUM(t) AS t, SUM(d) AS d, SUM(m) AS m, SUM(f) AS f, COUNT(*) AS c, COUNT(d) AS cd, COUNT_BIG(*) AS cb FROM n
GO
SELECT AVG(t) AS t, AVG(i) AS i, AVG(d) AS d, AVG(m) AS m, AVG(f) AS f FROM n WHERE g = 2 OR f = 1.5
GO
SELECT MIN(t) AS t, MAX(d) AS d, MIN(m) AS m, MAX(s) AS s, MIN(b) AS b FROM n
GO
SELECT SUM(i) AS overflow FROM n
GO
SELECT SUM(b) AS overflow FROM n WHERE g = 1
GO
SELECT SUM(s) AS refused FROM n
GO
SELECT g, STRING_AGG(s, ',') WITHIN GROUP (ORDER BY s) AS l, COUNT(DISTINCT s) AS d, CHECKSUM_AGG(CAST(t AS int)) AS x FROM n GROUP BY g ORDER BY g
GO
SELECT STDEV(f) AS sd, STDEVP(f) AS sdp, VAR(f) AS v, VARP(f) AS vp FROM n
GO
SELECT g, t, SUM(d) OVER (PARTITION BY g ORDER BY f ROWS UNBOUNDED PRECEDING) AS running, AVG(d) OVER (PARTITION BY g) AS average, NTILE(2) OVER (ORDER BY g, t) AS half, LAG(s, 1, 'none') OVER (ORDER BY g, t) AS previous FROM n ORDER BY g, t, f
GO
SELECT CAST(1 AS tinyint) + CAST(254 AS tinyint) AS fits, CAST(7 AS smallint) / CAST(2 AS smallint) AS s, CAST(1.10 AS smallmoney) * 3 AS sm, $10 / $4 AS m, CAST(5 AS tinyint) & 3 AS a
GO
SELECT CAST(200 AS tinyint) + CAST(100 AS tinyint) AS overflow
GO
