-- Comparison, grouping and joins by collation; trailing blanks; LIKE over ranges and indexes.
SELECT CASE WHEN 'a' = 'A' THEN 1 ELSE 0 END AS ci, CASE WHEN 'a' = 'A' COLLATE Latin1_General_CS_AS THEN 1 ELSE 0 END AS cs, CASE WHEN N'e' = N'é' THEN 1 ELSE 0 END AS as_, CASE WHEN N'e' = N'é' COLLATE Latin1_General_CI_AI THEN 1 ELSE 0 END AS ai, CASE WHEN 'a' = 'A' COLLATE Latin1_General_BIN2 THEN 1 ELSE 0 END AS bin
GO
CREATE TABLE words (id int IDENTITY PRIMARY KEY, w varchar(20), n nvarchar(20) COLLATE Latin1_General_100_CS_AS, c char(6))
INSERT INTO words VALUES ('apple', N'apple', 'ab'), ('APPLE ', N'Apple', 'AB'), ('banana', N'banana', 'b'), ('Éclair', N'éclair', 'c'), ('eclair', N'Eclair', 'd'), ('zebra', N'zebra', NULL)
GO
SELECT COUNT(*) AS n, MIN(id) AS first_ FROM words GROUP BY w ORDER BY first_
GO
SELECT n FROM words ORDER BY n
GO
SELECT a.id, b.id FROM words AS a JOIN words AS b ON a.w = b.w WHERE a.id < b.id
GO
CREATE INDEX words_w ON words (w)
SELECT id FROM words WHERE w LIKE 'APP%' ORDER BY id
SELECT id FROM words WHERE w LIKE '_pple' ORDER BY id
SELECT id FROM words WHERE w LIKE '[a-b]%' ORDER BY id
SELECT id FROM words WHERE w LIKE '%[^a]' ORDER BY id
SELECT id FROM words WHERE c LIKE 'ab' ORDER BY id
SELECT id FROM words WHERE c = 'AB' ORDER BY id
SELECT id FROM words WHERE n LIKE N'a%' ORDER BY id
GO
SELECT COUNT(DISTINCT w) AS n FROM (VALUES ('x'), ('X'), ('x '), ('y')) AS v (w)
GO
SELECT w FROM words WHERE w = 'apple' COLLATE Latin1_General_CS_AS ORDER BY id
GO
SELECT id FROM words WHERE w = n
GO
SELECT 1 AS x WHERE 'a' = 'a' COLLATE No_Such_Collation
GO
SELECT CASE WHEN N'I' = N'i' COLLATE Turkish_CI_AS THEN 1 ELSE 0 END AS turkish, CASE WHEN N'ａ' = N'a' THEN 1 ELSE 0 END AS width
GO
SELECT UPPER(N'i' COLLATE Turkish_CI_AS) AS u, REPLACE('ABC', 'b', 'x') AS ci, REPLACE('ABC' COLLATE Latin1_General_CS_AS, 'b', 'x') AS cs, CHARINDEX('B', 'abc' COLLATE Latin1_General_BIN) AS bin
GO
