-- sys.index_columns: columns of indexes
CREATE VIEW sys.index_columns AS
SELECT o.database AS _db, i.object AS object_id, i.index AS index_id, i.id AS index_column_id, i.column_id AS column_id,
    i.key_ordinal::sys.tinyint AS key_ordinal, 0::sys.tinyint AS partition_ordinal, i.descending AS is_descending_key,
    i.included AS is_included_column, 0::sys.tinyint AS column_store_order_ordinal
FROM casement.index_columns i JOIN casement.objects o ON o.id = i.object;
