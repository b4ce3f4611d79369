-- System, JSON, bit and table functions, and the rest of the mathematical and date functions.
SELECT DATALENGTH(1) AS i, DATALENGTH(CAST(1 AS bigint)) AS b, DATALENGTH(CAST(1.5 AS decimal(20, 1))) AS d, DATALENGTH(N'ab') AS n, DATALENGTH(CAST('x' AS char(5))) AS c, DATALENGTH(NEWID()) AS g, DATALENGTH(GETDATE()) AS dt, DATALENGTH(CAST('2024-01-01' AS date)) AS da
GO
SELECT HASHBYTES('MD5', 'abc') AS md5, HASHBYTES('SHA1', 'abc') AS sha1, HASHBYTES('SHA2_256', N'abc') AS sha256, HASHBYTES('nonsense', 'x') AS none
GO
SELECT CASE WHEN CHECKSUM('a', 1) = CHECKSUM('A', 1) THEN 1 ELSE 0 END AS ci, CASE WHEN BINARY_CHECKSUM('a') = BINARY_CHECKSUM('A') THEN 1 ELSE 0 END AS bin, LEN(CRYPT_GEN_RANDOM(5)) AS r, CASE WHEN NEWID() = NEWID() THEN 1 ELSE 0 END AS same
GO
SELECT ISNUMERIC('$1,000') AS money_, ISNUMERIC('-1e5') AS float_, ISNUMERIC('') AS empty, ISNUMERIC(NULL) AS n, ISNUMERIC('1a') AS no, ISNUMERIC(5) AS int_
GO
SELECT ISJSON('{"a":1}') AS o, ISJSON('{a}') AS bad, ISJSON('1') AS scalar, ISJSON(NULL) AS n, JSON_VALUE('{"a":{"b":[1,"x",null]}}', '$.a.b[1]') AS v, JSON_VALUE('{"a":1}', '$.b') AS none, JSON_VALUE('{"a b":true}', '$."a b"') AS t, JSON_QUERY('{"a":[1,2]}', '$.a') AS q
GO
SELECT JSON_VALUE('{"a":1}', 'strict $.b') AS refused
GO
SELECT BIT_COUNT(255) AS c, LEFT_SHIFT(1, 4) AS l, RIGHT_SHIFT(256, 4) AS r, GET_BIT(5, 2) AS g, SET_BIT(0, 3) AS s, SET_BIT(15, 0, 0) AS z
GO
SELECT value FROM GENERATE_SERIES(1, 7, 3)
SELECT value FROM GENERATE_SERIES(3, 1)
GO
SELECT APPROX_COUNT_DISTINCT(v) AS d FROM (VALUES (1), (2), (2), (NULL)) AS t (v)
GO
SELECT ROUND(SIN(1), 6) AS s, ROUND(COS(1), 6) AS c, ROUND(TAN(1), 6) AS t, ROUND(COT(1), 6) AS ct, ROUND(ASIN(0.5), 6) AS a, ROUND(ACOS(0.5), 6) AS ac, ROUND(ATAN(1), 6) AS at, ROUND(ATN2(1, 2), 6) AS a2, ROUND(LOG(8, 2), 6) AS l2
GO
SELECT DEGREES(3) AS di, RADIANS(180) AS ri, DEGREES(PI()) AS df, CASE WHEN RAND(5) = RAND(5) AND RAND() BETWEEN 0 AND 1 THEN 1 ELSE 0 END AS r, CEILING($1.5) AS cm, FLOOR(-$1.5) AS fm, ABS(-1.50) AS ad, SIGN(CAST(-5 AS bigint)) AS sb
GO
SELECT ABS(CAST(-2147483648 AS int)) AS refused
GO
SELECT DATETRUNC(month, CAST('2024-05-17T12:34:56' AS datetime2(3))) AS m, DATETRUNC(week, CAST('2024-05-17' AS date)) AS w, DATE_BUCKET(week, 2, CAST('2024-05-17' AS date)) AS b, DATE_BUCKET(month, 1, CAST('2024-05-17' AS date), CAST('2020-01-15' AS date)) AS bm
GO
SELECT DATEADD(quarter, -1, '2024-05-31') AS q, DATEADD(ms, 3, CAST('2024-01-01' AS datetime)) AS ms, DATEADD(ns, 150, CAST('2024-01-01' AS datetime2)) AS ns, DATEADD(hour, 25, CAST('10:00' AS time(0))) AS t, DATEADD(weekday, 1, CAST('2024-02-28' AS smalldatetime)) AS wd
GO
SELECT DATEDIFF(week, '2024-01-06', '2024-01-07') AS w, DATEDIFF(quarter, '2023-12-31', '2024-04-01') AS q, DATEDIFF(hour, '2024-01-01 10:59', '2024-01-01 11:00') AS h, DATEDIFF(day, CAST('2024-01-01T23:00:00-05:00' AS datetimeoffset), CAST('2024-01-02T00:00:00+00:00' AS datetimeoffset)) AS o
GO
SELECT DATEDIFF(ms, '2000-01-01', '2024-01-01') AS refused
GO
SELECT DATEPART(hour, CAST('2024-01-01' AS date)) AS refused
GO
SELECT SMALLDATETIMEFROMPARTS(2024, 5, 6, 7, 8) AS s, DATETIME2FROMPARTS(2024, 5, 6, 7, 8, 9, 50, 3) AS d2, DATETIMEOFFSETFROMPARTS(2024, 5, 6, 7, 8, 9, 0, 5, 30, 0) AS o
GO
SELECT DATEFROMPARTS(2024, 2, 30) AS refused
GO
SELECT CAST('2024-07-01T12:00:00' AS datetime2(0)) AT TIME ZONE 'Central European Standard Time' AS summer, CAST('2024-01-01T12:00:00+00:00' AS datetimeoffset(0)) AT TIME ZONE 'Pacific Standard Time' AS moved
GO
SELECT CAST('2024-01-01' AS datetime2) AT TIME ZONE 'Nowhere' AS refused
GO
SELECT FORMAT(1234.5, 'N1') AS n, FORMAT(-5, 'C') AS c, FORMAT(0.256, 'P1') AS p, FORMAT(42, 'D5') AS d, FORMAT(255, 'X4') AS x, FORMAT(1234.5, '#,##0.00') AS cu, FORMAT(7, '000') AS z, FORMAT(CAST('2024-05-06T17:08:09' AS datetime), 'yyyy-MM-dd HH:mm:ss') AS dt, FORMAT(CAST('2024-05-06' AS date), 'd') AS sd, FORMAT(CAST('2024-05-06T17:08:09' AS datetime), 'dddd d MMMM yyyy h:mm tt') AS ld
GO
SELECT SQL_VARIANT_PROPERTY(N'ab', 'BaseType') AS b, SQL_VARIANT_PROPERTY(CAST('x' AS varchar(7)), 'MaxLength') AS m, SQL_VARIANT_PROPERTY($1, 'Precision') AS p, SQL_VARIANT_PROPERTY('x', 'Collation') AS c
GO
SELECT CASE WHEN CAST(1 AS sql_variant) = CAST(1.0 AS sql_variant) THEN 1 ELSE 0 END AS same_family, CASE WHEN CAST('a' AS sql_variant) < CAST(1 AS sql_variant) THEN 1 ELSE 0 END AS by_family, CAST(CAST('12' AS sql_variant) AS int) AS out_
GO
