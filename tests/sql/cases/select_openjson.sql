-- OPENJSON with and without a schema, GENERATE_SERIES.
SELECT * FROM OPENJSON('[{"a":1,"b":"x","c":{"d":5}},{"a":2}]') WITH (a int, b varchar(10) '$.b', d int '$.c.d', c nvarchar(max) AS JSON)
SELECT [key], value, type FROM OPENJSON('{"z":1,"a":[1,2],"n":null,"s":"q","t":true}')
SELECT value FROM OPENJSON('{"a":{"b":[3,4]}}', '$.a.b')
SELECT t.id, j.v FROM (VALUES (1, N'{"v":5}'), (2, N'{}')) t(id, doc) CROSS APPLY OPENJSON(t.doc) WITH (v int) j ORDER BY t.id
SELECT COUNT(*) AS n FROM OPENJSON(NULL)
GO
SELECT value FROM GENERATE_SERIES(1, 5, 2)
GO
SELECT * FROM OPENJSON('not json')
GO
