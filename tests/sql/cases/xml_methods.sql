-- value(), query() and exist() of xml.
DECLARE @x xml = '<a n="7"><b id="1">x &amp; y</b><b id="2">z</b></a>'
SELECT @x.value('(/a/b)[1]', 'varchar(10)') AS first, @x.value('(/a/@n)[1]', 'int') + 1 AS n,
    @x.value('count(/a/b)', 'int') AS b, @x.value('(/a/c)[1]', 'int') AS none
SELECT @x.query('/a/b[@id=2]') AS part, @x.query('/a/b') AS both, @x.exist('/a/b[@id="2"]') AS yes, @x.exist('/a/c') AS no
GO
CREATE TABLE names (name nvarchar(20))
INSERT INTO names VALUES ('one'), ('t<o'), ('th&ee')
SELECT STUFF((SELECT ',' + name FROM names FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, '') AS list
GO
DECLARE @x xml = '<b/><b/>'
SELECT @x.value('/b', 'int')
GO
DECLARE @x xml = '<a i="1"/>'
SELECT @x.query('/a/@i')
GO
DECLARE @x xml = '<a/>'
SELECT @x.query('for $i in /a return $i')
GO
DECLARE @x xml = '<a/>', @p varchar(10) = '/a'
SELECT @x.exist(@p)
GO
DECLARE @n int
SELECT @n.value('/a', 'int')
GO
CREATE TRIGGER watch ON DATABASE FOR CREATE_TABLE AS PRINT 'made'
GO
