-- JSON that is written, session values, compression, messages
SELECT JSON_MODIFY('{"a": 1, "b": [1, 2]}', '$.a', 2) AS changed, JSON_MODIFY('{"a":1}', '$.b', 'x"y') AS added,
    JSON_MODIFY('{"a":1,"b":2}', '$.a', NULL) AS gone, JSON_MODIFY('{"a":1,"b":2}', '$.b', NULL) AS last_gone,
    JSON_MODIFY('{"a":1}', 'strict $.a', NULL) AS nulled, JSON_MODIFY('{"a":{}}', '$.a.b', CAST(1 AS bit)) AS in_empty
GO
SELECT JSON_MODIFY('{"b":[1,2]}', 'append $.b', 3) AS appended, JSON_MODIFY('{"b":[1,2]}', '$.b[1]', 'x') AS at_index,
    JSON_MODIFY('{"b":1}', '$.b', JSON_QUERY('[1,2]')) AS json, JSON_MODIFY('{"b":1}', '$.x.y', 1) AS nowhere,
    JSON_MODIFY('{}', 'append $.n', 1) AS new_array, JSON_MODIFY(NULL, '$.a', 1) AS nothing
GO
SELECT JSON_MODIFY('{"a":1}', 'strict $.b', 1)
GO
SELECT JSON_MODIFY('{"a":1}', '$', 1)
GO
SELECT JSON_MODIFY('{"a":', '$.a', 1)
GO
SELECT JSON_OBJECT() AS empty, JSON_OBJECT('a':1, 'b':'x', 'c':NULL, 'd':1.50, 'e':CAST('2020-01-02' AS date)) AS pairs,
    JSON_OBJECT('a':NULL, 'b':2 ABSENT ON NULL) AS absent, JSON_OBJECT('k':JSON_ARRAY(1, JSON_OBJECT('n':1))) AS nested
GO
SELECT JSON_ARRAY() AS empty, JSON_ARRAY(1, 'a', NULL, CAST(0 AS bit)) AS items, JSON_ARRAY(1, NULL NULL ON NULL) AS with_null,
    JSON_ARRAY('a/b"c') AS escaped
GO
SELECT JSON_PATH_EXISTS('{"a":{"b":null}}', '$.a.b') AS yes, JSON_PATH_EXISTS('{"a":1}', '$.b') AS no, JSON_PATH_EXISTS(NULL, '$') AS nothing
GO
SELECT ISJSON('[1]', ARRAY) AS a, ISJSON('[1]', OBJECT) AS o, ISJSON('1', SCALAR) AS s, ISJSON('1', VALUE) AS v, ISJSON('1') AS plain
GO
SELECT CAST(DECOMPRESS(COMPRESS(N'héllo')) AS nvarchar(max)) AS same, CAST(DECOMPRESS(COMPRESS('abc')) AS varchar(9)) AS narrow,
    DECOMPRESS(0x010203) AS not_gzip, DATALENGTH(DECOMPRESS(COMPRESS(REPLICATE(CAST('x' AS varchar(max)), 200000)))) AS big, COMPRESS(NULL) AS nothing
GO
SELECT CAST(DECOMPRESS(0x1F8B0800000000000400734A2C4E2C4B2C4ACC0200D462F86709000000) AS varchar(20)) AS from_sql_server
GO
SELECT COMPRESS(1)
GO
SELECT FORMATMESSAGE('%s has %d of %5d|%-5s|%x', 'it', 3, 42, N'ab', 255) AS made, FORMATMESSAGE('%s', NULL) AS missing, FORMATMESSAGE(14, 'x') AS none
GO
EXEC sp_set_session_context N'user_id', 4
EXEC sp_set_session_context @key = N'fixed', @value = N'here', @read_only = 1
SELECT CAST(SESSION_CONTEXT(N'user_id') AS int) AS id, SESSION_CONTEXT(N'FIXED') AS fixed, SESSION_CONTEXT(N'other') AS other
GO
EXEC sp_set_session_context N'user_id', NULL
SELECT SESSION_CONTEXT(N'user_id') AS gone
GO
EXEC sp_set_session_context N'fixed', 1
GO
SELECT TRIM(LEADING '.' FROM '..a..') AS l, TRIM(TRAILING '.' FROM '..a..') AS t, TRIM(BOTH '.' FROM '..a..') AS b, TRIM('.' FROM '..a..') AS plain
GO
SELECT k, FIRST_VALUE(v) IGNORE NULLS OVER (ORDER BY k) AS f, LAST_VALUE(v) IGNORE NULLS OVER (ORDER BY k) AS l,
    LAST_VALUE(v) IGNORE NULLS OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS a,
    LAG(v) IGNORE NULLS OVER (ORDER BY k) AS g, LEAD(v, 2, -1) IGNORE NULLS OVER (ORDER BY k) AS d, LAG(v) RESPECT NULLS OVER (ORDER BY k) AS r
FROM (VALUES (1, NULL), (2, 20), (3, NULL), (4, 40), (5, NULL)) t(k, v) ORDER BY k
GO
SELECT TYPEPROPERTY('decimal', 'Precision') AS p, TYPEPROPERTY('numeric', 'Scale') AS s, CURRENT_REQUEST_ID() AS request, GETANSINULL() AS ansi_null
GO
SELECT CASE WHEN CURRENT_TIMEZONE() LIKE '(UTC%) _%' THEN 1 END AS zone, CASE WHEN DATALENGTH(HOST_ID()) = 10 THEN 1 END AS host,
    CASE WHEN CURRENT_TIMEZONE() LIKE '%' + CURRENT_TIMEZONE_ID() THEN 1 END AS id
GO
