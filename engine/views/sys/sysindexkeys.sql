-- sys.sysindexkeys: columns of indexes as SQL Server 2000 had them
CREATE VIEW sys.sysindexkeys AS
SELECT o.database AS _db, k.object AS id, k.index::int2 AS indid, k.column_id::int2 AS colid, k.key_ordinal AS keyno
FROM casement.index_columns k JOIN casement.objects o ON o.id = k.object WHERE NOT k.included;
