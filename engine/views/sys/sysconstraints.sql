-- sys.sysconstraints: constraints as SQL Server 2000 had them
CREATE VIEW sys.sysconstraints AS
SELECT o.database AS _db, c.object AS constid, c.parent AS id, c.column_id::int2 AS colid, 0::sys.tinyint AS spare1,
    (CASE c.type WHEN 'PK' THEN 1 WHEN 'UQ' THEN 2 WHEN 'F' THEN 3 WHEN 'C' THEN 4 ELSE 5 END)::int4 AS status, 0::int4 AS actions, 0::int4 AS error
FROM casement.constraints c JOIN casement.objects o ON o.id = c.object;
