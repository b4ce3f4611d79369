-- sys.dm_db_partition_stats: rows and pages of partitions
CREATE VIEW sys.dm_db_partition_stats AS
SELECT p._db, p.partition_id, p.object_id, p.index_id, p.partition_number, a.data_pages AS in_row_data_page_count,
    a.used_pages AS in_row_used_page_count, a.total_pages AS in_row_reserved_page_count, 0::int8 AS lob_used_page_count,
    0::int8 AS lob_reserved_page_count, 0::int8 AS row_overflow_used_page_count, 0::int8 AS row_overflow_reserved_page_count,
    a.used_pages AS used_page_count, a.total_pages AS reserved_page_count, p.rows AS row_count
FROM sys.partitions p JOIN sys.allocation_units a ON a.container_id = p.hobt_id AND a._db = p._db;
