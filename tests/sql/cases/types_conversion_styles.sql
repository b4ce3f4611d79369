-- CONVERT's styles for dates, money, floats and binaries.
DECLARE @d datetime = '2024-03-04T15:06:07.890'
SELECT CONVERT(varchar(40), @d, 0) AS s0, CONVERT(varchar(40), @d, 1) AS s1, CONVERT(varchar(40), @d, 2) AS s2, CONVERT(varchar(40), @d, 3) AS s3, CONVERT(varchar(40), @d, 4) AS s4, CONVERT(varchar(40), @d, 5) AS s5
SELECT CONVERT(varchar(40), @d, 6) AS s6, CONVERT(varchar(40), @d, 7) AS s7, CONVERT(varchar(40), @d, 8) AS s8, CONVERT(varchar(40), @d, 9) AS s9, CONVERT(varchar(40), @d, 10) AS s10, CONVERT(varchar(40), @d, 11) AS s11
SELECT CONVERT(varchar(40), @d, 12) AS s12, CONVERT(varchar(40), @d, 13) AS s13, CONVERT(varchar(40), @d, 14) AS s14, CONVERT(varchar(40), @d, 20) AS s20, CONVERT(varchar(40), @d, 21) AS s21, CONVERT(varchar(40), @d, 22) AS s22, CONVERT(varchar(40), @d, 23) AS s23
SELECT CONVERT(varchar(40), @d, 101) AS s101, CONVERT(varchar(40), @d, 102) AS s102, CONVERT(varchar(40), @d, 104) AS s104, CONVERT(varchar(40), @d, 106) AS s106, CONVERT(varchar(40), @d, 107) AS s107, CONVERT(varchar(40), @d, 109) AS s109
SELECT CONVERT(varchar(40), @d, 110) AS s110, CONVERT(varchar(40), @d, 111) AS s111, CONVERT(varchar(40), @d, 113) AS s113, CONVERT(varchar(40), @d, 114) AS s114, CONVERT(varchar(40), @d, 121) AS s121, CONVERT(varchar(40), @d, 127) AS s127, CONVERT(varchar(40), @d, 131) AS s131
GO
DECLARE @d datetime2(3) = '2024-03-04T15:06:07.890', @t time(2) = '15:06:07.89', @o datetimeoffset(1) = '2024-03-04T15:06:07.9+02:00'
SELECT CAST(@d AS varchar(40)) AS d, CAST(@t AS varchar(40)) AS t, CAST(@o AS varchar(40)) AS o, CONVERT(varchar(40), @o, 126) AS iso, CONVERT(varchar(40), @o, 127) AS zulu, CONVERT(varchar(40), @o, 0) AS words
GO
SELECT CONVERT(varchar(20), GETDATE(), 99) AS refused
GO
SELECT CONVERT(datetime, '03/04/24', 1) AS s1, CONVERT(datetime, '24.03.04', 2) AS s2, CONVERT(datetime, '04-03-2024', 105) AS s105, CONVERT(datetime, '4 Mar 2024 15:06:07:890', 113) AS s113, CONVERT(datetime2, '2024-03-04T15:06:07Z', 127) AS s127
GO
SELECT CAST('Mar 4 2024 3:06PM' AS datetime) AS a, CAST('4 March 2024' AS date) AS b, CAST('20240304 15:06' AS smalldatetime) AS c, CAST('' AS datetime) AS d, CAST('15:06' AS datetime) AS e, CAST('2024' AS date) AS f, CAST('March 2024' AS date) AS g
GO
SET DATEFORMAT dmy
SELECT CAST('04/03/2024' AS datetime) AS slashes, CAST('2024-03-04' AS datetime) AS old_type, CAST('2024-03-04' AS datetime2) AS new_type, CAST('20240304' AS datetime) AS plain
GO
SELECT CONVERT(varchar(30), -$1234567.8951, 0) AS m0, CONVERT(varchar(30), -$1234567.8951, 1) AS m1, CONVERT(varchar(30), -$1234567.8951, 2) AS m2
GO
SELECT CAST('5 EUR' AS money) AS refused
GO
SELECT CAST('£1,2.5' AS money) AS odd, CAST('' AS money) AS empty, CAST('-$ 5' AS smallmoney) AS negative
GO
SELECT CONVERT(varchar(30), 1234567.891e0, 0) AS f0, CONVERT(varchar(30), 1234567.891e0, 1) AS f1, CONVERT(varchar(30), 1234567.891e0, 2) AS f2, CONVERT(varchar(40), 0.1e0, 3) AS f3, CAST(CAST(1.5 AS real) AS varchar(20)) AS r, CAST(1e-5 AS varchar(20)) AS small
GO
SELECT CONVERT(varbinary(4), '1F2E', 2) AS h2, CONVERT(char(8), 0x1F2E, 2) AS c2, CONVERT(varchar(8), 0x1F2E, 1) AS v1, CAST(N'ab' AS varbinary(8)) AS wide, CAST(0x61006200 AS nvarchar(4)) AS back
GO
SELECT CONVERT(varbinary(4), '1G', 2) AS refused
GO
SELECT CAST(1.5 AS varbinary(20)) AS d, CAST(CAST(1.5 AS varbinary(20)) AS decimal(2, 1)) AS back, CAST(CAST('2024-01-01' AS datetime) AS varbinary(8)) AS dt, CAST(CAST('2024-01-01' AS date) AS varbinary(8)) AS da, CAST($1 AS varbinary(8)) AS m, CAST(1e0 AS binary(8)) AS f
GO
