-- sys.sysforeignkeys: column pairs of foreign keys as SQL Server 2000 had them
CREATE VIEW sys.sysforeignkeys AS
SELECT o.database AS _db, k.object AS constid, c.parent AS fkeyid, c.referenced AS rkeyid, k.column_id::int2 AS fkey,
    k.referenced_column::int2 AS rkey, k.id::int2 AS keyno
FROM casement.constraint_columns k JOIN casement.constraints c ON c.object = k.object AND c.type = 'F'
JOIN casement.objects o ON o.id = k.object;
