-- A column of every type, at its extremes, and NULL in each.
CREATE TABLE every (
    c_bit bit, c_tiny tinyint, c_small smallint, c_int int, c_big bigint, c_dec decimal(38, 10), c_num numeric(5, 0), c_money money, c_smallmoney smallmoney, c_real real, c_float float,
    c_date date, c_time time(7), c_dt datetime, c_sdt smalldatetime, c_dt2 datetime2(7), c_dto datetimeoffset(7),
    c_char char(5), c_varchar varchar(8000), c_vmax varchar(max), c_text text, c_nchar nchar(5), c_nvarchar nvarchar(4000), c_nmax nvarchar(max), c_ntext ntext,
    c_bin binary(4), c_varbin varbinary(8000), c_bmax varbinary(max), c_image image, c_guid uniqueidentifier, c_variant sql_variant, c_xml xml, c_version rowversion)
GO
INSERT INTO every VALUES (0, 0, -32768, -2147483648, -9223372036854775808, -9999999999999999999999999999.9999999999, -99999, -922337203685477.5808, -214748.3648, -3.4e38, -1.79e308,
    '0001-01-01', '00:00:00', '1753-01-01', '1900-01-01', '0001-01-01T00:00:00', '0001-01-01T00:00:00+00:00',
    '', '', '', '', N'', N'', N'', N'', 0x, 0x, 0x, 0x, '00000000-0000-0000-0000-000000000000', 1, '<a/>', DEFAULT)
INSERT INTO every VALUES (1, 255, 32767, 2147483647, 9223372036854775807, 9999999999999999999999999999.9999999999, 99999, 922337203685477.5807, 214748.3647, 3.4e38, 1.79e308,
    '9999-12-31', '23:59:59.9999999', '9999-12-31T23:59:59.997', '2079-06-06T23:59:00', '9999-12-31T23:59:59.9999999', '9999-12-31T23:59:59.9999999+00:00',
    'abcde', 'é', 'x', 'text', N'äöü𝄞', N'Ж', N'日本', N'한', 0x01020304, 0xFF, 0xFFFE, 0x00, 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', N'v', '<a>1</a>', DEFAULT)
INSERT INTO every (c_bit) VALUES (NULL)
GO
SELECT c_bit, c_tiny, c_small, c_int, c_big, c_dec, c_num, c_money, c_smallmoney, c_real, c_float FROM every ORDER BY c_int
GO
SELECT c_date, c_time, c_dt, c_sdt, c_dt2, c_dto FROM every ORDER BY c_int
GO
SELECT c_char, c_varchar, c_vmax, c_text, c_nchar, c_nvarchar, c_nmax, c_ntext FROM every ORDER BY c_int
GO
SELECT c_bin, c_varbin, c_bmax, c_image, c_guid, c_variant, c_xml FROM every ORDER BY c_int
GO
SELECT DATALENGTH(c_version) AS bytes, CASE WHEN c_version > 0x THEN 1 END AS positive FROM every ORDER BY c_int
GO
SELECT MIN(c_guid) AS lo, MAX(c_guid) AS hi, MAX(c_varchar) AS v FROM every
GO
SELECT LEN(REPLICATE(CAST('x' AS varchar(max)), 100000)) AS long_
GO
CREATE TABLE wrong (a varchar(9000))
GO
CREATE TABLE wrong (a decimal(39, 0))
GO
CREATE TABLE wrong (a int, A int)
GO
