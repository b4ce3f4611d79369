-- FORMAT in the cultures of engine/functions/cultures.def.
DECLARE @n decimal(12, 2) = -1234567.89, @d datetime2 = '2024-03-05 14:07:09'
SELECT c.culture, FORMAT(@n, 'N', c.culture) AS n, FORMAT(@n, 'C', c.culture) AS c, FORMAT(0.256, 'P1', c.culture) AS p, FORMAT(@n, '#,##0.0', c.culture) AS custom, FORMAT(1.5, 'G', c.culture) AS g
FROM (VALUES ('en-US'), ('en-gb'), ('fr-FR'), ('de-DE'), ('es-ES'), ('it-IT'), ('nl-NL'), ('pl-PL'), ('ja-JP'), ('zh-CN')) c(culture)
SELECT c.culture, FORMAT(@d, 'd', c.culture) AS d, FORMAT(@d, 'D', c.culture) AS long, FORMAT(@d, 't', c.culture) AS t, FORMAT(@d, 'M', c.culture) AS m, FORMAT(@d, 'Y', c.culture) AS y, FORMAT(@d, 'dd/MM', c.culture) AS custom
FROM (VALUES ('en-US'), ('en-gb'), ('fr-FR'), ('de-DE'), ('es-ES'), ('it-IT'), ('nl-NL'), ('pl-PL'), ('ja-JP'), ('zh-CN')) c(culture)
GO
SELECT FORMAT(1, 'N', 'xx-YY') AS refused
GO
SELECT FORMAT(1, 'N', NULL) AS nothing
GO
