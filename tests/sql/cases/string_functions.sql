-- The string functions in everyday use.
SELECT LEN('abc  ') AS len_, DATALENGTH('abc  ') AS bytes, LEN(N'a𝄞') AS units, DATALENGTH(N'a𝄞') AS wide
GO
SELECT LEFT('abcdef', 2) AS l, RIGHT('abcdef', 2) AS r, SUBSTRING('abcdef', 2, 3) AS s, SUBSTRING('abcdef', 0, 3) AS zero, SUBSTRING('abc', 5, 2) AS beyond
GO
SELECT CHARINDEX('b', 'abcb') AS first_, CHARINDEX('b', 'abcb', 3) AS next_, CHARINDEX('x', 'abc') AS none, PATINDEX('%[0-9]%', 'ab12') AS pattern
GO
SELECT REPLACE('aAa', 'a', 'x') AS replaced, STUFF('abcdef', 2, 3, 'XY') AS stuffed, REVERSE('abc') AS reversed, REPLICATE('ab', 3) AS repeated, SPACE(2) + '|' AS spaces
GO
SELECT UPPER('straße') AS up, LOWER('ÄB') AS low, LTRIM('  a ') AS l, RTRIM(' a  ') AS r, TRIM('  a  ') AS t, TRIM('x' FROM 'xxaxx') AS tx
GO
SELECT ASCII('A') AS a, CHAR(66) AS b, UNICODE(N'€') AS u, NCHAR(8364) AS n
GO
SELECT CONCAT('a', NULL, 1, 2.50) AS c, CONCAT_WS('-', 'a', NULL, 'b') AS ws, 'a' + NULL AS plus
GO
SELECT STR(3.14159, 6, 2) AS s, QUOTENAME('a]b') AS q, QUOTENAME('a', '''') AS q2, SOUNDEX('Robert') AS sx, DIFFERENCE('Robert', 'Rupert') AS d
GO
SELECT TRANSLATE('2*[3+4]', '[]', '()') AS t, FORMAT(1234567.891, 'N2') AS f, STRING_ESCAPE('a"b', 'json') AS e
GO
SELECT value FROM STRING_SPLIT('a,b,,c', ',')
GO
SELECT 1 AS hit WHERE 'abc' LIKE 'A_c' AND 'abc' LIKE '%b%' AND 'a%c' LIKE 'a!%c' ESCAPE '!' AND 'abc' NOT LIKE '[^a]%' AND 'b5' LIKE '[a-c][0-9]'
GO
SELECT 1 AS equal WHERE 'abc' = 'ABC  ' AND N'ß' <> N's' AND '' = ' '
GO
SELECT 'a' + 1 AS refused
GO
SELECT '5' + 1 AS six, '5' + '1' AS fiftyone
GO
SELECT SUBSTRING('abc', 1, -1) AS refused
GO
SELECT LEFT('abc') AS refused
GO
