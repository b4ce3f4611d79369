-- What a literal is: its type, its nullability, its value.
SELECT 1 AS one, 2147483648 AS big, 1.50 AS exact, 1e0 AS approximate, 'a' AS narrow, N'ä' AS wide
GO
SELECT 0x AS none, 0xFF AS bytes, NULL AS nothing, -1 AS negative, $12.5 AS cash
GO
SELECT 'it''s' AS quoted, '' AS empty, N'𝄞' AS beyond
GO
PRINT 'hello'
GO
