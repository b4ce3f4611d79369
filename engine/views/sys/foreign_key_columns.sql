-- sys.foreign_key_columns: column pairs of foreign keys
CREATE VIEW sys.foreign_key_columns AS
SELECT o.database AS _db, k.object AS constraint_object_id, k.id AS constraint_column_id, c.parent AS parent_object_id,
    k.column_id AS parent_column_id, c.referenced AS referenced_object_id, k.referenced_column AS referenced_column_id
FROM casement.constraint_columns k JOIN casement.constraints c ON c.object = k.object
JOIN casement.objects o ON o.id = k.object WHERE c.type = 'F';
