-- sys.stats: statistics: of indexes and made by CREATE STATISTICS
CREATE VIEW sys.stats AS
SELECT o.database AS _db, i.object AS object_id, i.name::sys.nvarchar(128) AS name, i.id AS stats_id, false AS auto_created, false AS user_created,
    i.no_recompute AS no_recompute, (i.filter_text IS NOT NULL) AS has_filter, i.filter_text::sys.nvarchar AS filter_definition,
    false AS is_temporary, false AS is_incremental, false AS has_persisted_sample, 0::int4 AS stats_generation_method,
    ''::sys.varchar(255) AS stats_generation_method_desc
FROM casement.indexes i JOIN casement.objects o ON o.id = i.object
UNION ALL
SELECT o.database, s.object, s.name::sys.nvarchar(128), s.id, false, true, false, s.filter_text IS NOT NULL, s.filter_text::sys.nvarchar, false, false, false, 0, ''::sys.varchar(255)
FROM casement.statistics s JOIN casement.objects o ON o.id = s.object;
