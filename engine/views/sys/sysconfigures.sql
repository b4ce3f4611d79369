-- sys.sysconfigures: sp_configure as SQL Server 2000 had it
CREATE VIEW sys.sysconfigures AS
SELECT c.value, c.id AS config, c.description::sys.nvarchar(255) AS comment, 3::int2 AS status FROM casement.configurations c;
