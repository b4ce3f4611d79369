-- sys.stats_columns: columns of statistics
CREATE VIEW sys.stats_columns AS
SELECT _db, object_id, index_id AS stats_id, index_column_id AS stats_column_id, column_id
FROM sys.index_columns WHERE NOT is_included_column
UNION ALL
SELECT o.database, s.object, s.id, c.position::int4, c.id::int4
FROM casement.statistics s JOIN casement.objects o ON o.id = s.object
CROSS JOIN LATERAL string_to_table(s.columns, ',') WITH ORDINALITY AS c(id, position);
