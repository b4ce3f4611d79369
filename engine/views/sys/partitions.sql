-- sys.partitions: one partition for every heap and index
CREATE VIEW sys.partitions AS
SELECT o.database AS _db, (o.id::int8 * 65536 + x.index_id) AS partition_id, o.id AS object_id, x.index_id AS index_id,
    1::int4 AS partition_number, (o.id::int8 * 65536 + x.index_id) AS hobt_id,
    coalesce(pg_stat_get_live_tuples(o.relation), 0) AS rows, 0::int2 AS filestream_filegroup_id, 0::sys.tinyint AS data_compression,
    'NONE'::sys.nvarchar(60) AS data_compression_desc, false AS xml_compression, 'OFF'::sys.varchar(3) AS xml_compression_desc
FROM casement.objects o
JOIN LATERAL (SELECT i.id AS index_id FROM casement.indexes i WHERE i.object = o.id
              UNION ALL SELECT 0 WHERE NOT EXISTS (SELECT FROM casement.indexes i WHERE i.object = o.id AND i.type = 1)) x ON true
WHERE o.type IN ('U', 'TT');
