-- TOP with its options, OFFSET and FETCH, DISTINCT, ORDER BY by position, alias and expression.
CREATE TABLE scores (name varchar(10) NOT NULL, points int NOT NULL)
INSERT INTO scores VALUES ('a', 10), ('b', 20), ('c', 20), ('d', 30), ('e', 40)
GO
SELECT TOP 2 name FROM scores ORDER BY points DESC
GO
SELECT TOP (4) WITH TIES name, points FROM scores ORDER BY points
GO
SELECT TOP (2) WITH TIES name, points FROM scores ORDER BY points
GO
SELECT TOP (50) PERCENT name FROM scores ORDER BY name
GO
DECLARE @n int = 1
SELECT TOP (@n) name FROM scores ORDER BY name DESC
GO
SELECT TOP 0 name FROM scores
GO
SELECT name FROM scores ORDER BY points, name OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY
GO
SELECT name FROM scores ORDER BY name OFFSET 3 ROWS
GO
SELECT DISTINCT points FROM scores ORDER BY points DESC
GO
SELECT name AS alias, points * -1 AS negative FROM scores ORDER BY negative, alias DESC
GO
SELECT name, points FROM scores ORDER BY 2 DESC, 1
GO
SELECT name FROM scores ORDER BY 3
GO
SELECT TOP (-1) name FROM scores
GO
SELECT DISTINCT name FROM scores ORDER BY points
GO
SELECT name FROM scores OFFSET 1 ROWS
GO
