-- PARSE and TRY_PARSE in the cultures of engine/functions/cultures.def.
SELECT PARSE('345,98' AS money USING 'de-DE') AS de, PARSE('€345,98' AS money USING 'de-DE') AS symbol, PARSE('1.234.567,89 €' AS money USING 'de') AS grouped, PARSE('($1,234.50)' AS money USING 'en-US') AS negative, PARSE('£12.50' AS smallmoney USING 'en-GB') AS gb, PARSE('R$ 1.234,56' AS money USING 'pt-BR') AS br
SELECT PARSE('1 234,5' AS decimal(10, 2) USING 'fr-FR') AS space, PARSE(N'1 234 567,5-' AS decimal(12, 2) USING 'fr-FR') AS no_break, PARSE('1.234' AS int USING 'de-DE') AS whole, PARSE('1,234.00' AS int) AS zeros, PARSE('-1,5e3' AS float USING 'it-IT') AS exponent, PARSE('2.5' AS real USING 'ja-JP') AS single, PARSE('12.345' AS bigint USING 'nl-NL') AS big
SELECT PARSE('05.03.2024' AS date USING 'de-DE') AS de, PARSE('05/03/2024' AS date USING 'fr-FR') AS fr, PARSE('05/03/2024' AS date USING 'en-US') AS us, PARSE('2024/03/05' AS date USING 'ja-JP') AS jp, PARSE(N'2024年3月5日' AS date USING 'zh-CN') AS cn, PARSE('5-3-24' AS date USING 'nl-NL') AS nl
SELECT PARSE('Monday, 13 December 2010' AS datetime2 USING 'en-US') AS us, PARSE(N'Dienstag, 5. März 2024 14:07:09.1234567' AS datetime2 USING 'de-DE') AS de, PARSE('mardi 5 mars 2024' AS date USING 'fr-FR') AS fr, PARSE('5 de marzo de 2024' AS date USING 'es-ES') AS es, PARSE(N'wtorek, 5 marca 2024' AS date USING 'pl-PL') AS pl, PARSE(N'terça-feira, 5 de março de 2024' AS date USING 'pt-BR') AS br
SELECT PARSE('3/5/2024 2:07:09 PM' AS datetime) AS afternoon, PARSE('05/03/2024 12:30 am' AS smalldatetime USING 'en-GB') AS midnight, PARSE('05.03.2024 14:07:09.5 +02:00' AS datetimeoffset(3) USING 'de-DE') AS shifted, PARSE('14:07:09.25' AS time(2) USING 'fr-FR') AS hour, PARSE('2024-03-05T14:07:09.127' AS datetime USING 'de-DE') AS iso
SELECT TRY_PARSE('13/13/2024' AS date USING 'en-US') AS month, TRY_PARSE('345.98.1x' AS money USING 'de-DE') AS money, TRY_PARSE('300' AS tinyint) AS tiny, TRY_PARSE('1.5' AS int) AS fraction, TRY_PARSE('29.02.2023' AS date USING 'de-DE') AS leap, TRY_PARSE('€1' AS int USING 'de-DE') AS symbol, TRY_PARSE('1,234' AS float) AS float, TRY_PARSE('' AS int) AS empty, TRY_PARSE('(5' AS money) AS opened
SELECT c.culture, TRY_PARSE('1.234' AS decimal(10, 3) USING c.culture) AS n, TRY_PARSE('04.05.2024' AS date USING c.culture) AS d
FROM (VALUES ('en-US'), ('en-GB'), ('fr-FR'), ('de-DE'), ('it-IT'), ('pl-PL'), (NULL)) c(culture)
GO
DECLARE @n decimal(12, 2) = -1234567.89, @d datetime2(0) = '2024-03-05 14:07:09'
SELECT c.culture, PARSE(FORMAT(@n, 'N', c.culture) AS decimal(12, 2) USING c.culture) AS n, PARSE(FORMAT(@n, 'C2', c.culture) AS money USING c.culture) AS c, PARSE(FORMAT(@d, 'd', c.culture) AS date USING c.culture) AS d, PARSE(FORMAT(@d, 'D', c.culture) AS date USING c.culture) AS long, PARSE(FORMAT(@d, 'd', c.culture) + ' ' + FORMAT(@d, 'T', c.culture) AS datetime2(0) USING c.culture) AS moment
FROM (VALUES ('en-US'), ('en-GB'), ('en-AU'), ('fr-FR'), ('de-DE'), ('es-ES'), ('it-IT'), ('nl-NL'), ('pl-PL'), ('pt-BR'), ('zh-CN')) c(culture)
GO
SELECT PARSE('345,98x' AS money USING 'de-DE') AS refused
GO
SELECT PARSE('300' AS tinyint) AS refused
GO
SELECT PARSE('31/12/2024' AS date USING 'en-US') AS refused
GO
SELECT PARSE('1' AS int USING 'xx-YY') AS refused
GO
SELECT TRY_PARSE('1' AS int USING 'xx-YY') AS refused
GO
SELECT PARSE('1' AS varchar(10)) AS refused
GO
SELECT PARSE(1 AS int) AS refused
GO
SELECT PARSE(NULL AS int) AS refused
GO
SELECT [PARSE]('1', 'de-DE', 56, -1, 0) AS refused
GO
