-- sys.allocation_units: storage of partitions
CREATE VIEW sys.allocation_units AS
SELECT p._db, p.partition_id AS allocation_unit_id, 1::sys.tinyint AS type, 'IN_ROW_DATA'::sys.nvarchar(60) AS type_desc, p.hobt_id AS container_id,
    1::int4 AS data_space_id, greatest(c.relpages, 1)::int8 AS total_pages, greatest(c.relpages, 1)::int8 AS used_pages,
    c.relpages::int8 AS data_pages
FROM sys.partitions p JOIN casement.objects o ON o.id = p.object_id
LEFT JOIN casement.indexes i ON i.object = p.object_id AND i.id = p.index_id AND i.type = 2
JOIN pg_catalog.pg_class c ON c.oid = coalesce(i.relation, o.relation);
