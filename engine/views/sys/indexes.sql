-- sys.indexes: heaps and indexes
CREATE VIEW sys.indexes AS
SELECT o.database AS _db, i.object AS object_id, i.name::sys.nvarchar(128) AS name, i.id AS index_id, i.type::sys.tinyint AS type,
    (CASE i.type WHEN 1 THEN 'CLUSTERED' ELSE 'NONCLUSTERED' END)::sys.nvarchar(60) AS type_desc, i.is_unique AS is_unique,
    1::int4 AS data_space_id, i.ignore_dup_key AS ignore_dup_key, i.is_primary AS is_primary_key,
    (i.constraint_object <> 0 AND NOT i.is_primary) AS is_unique_constraint, i.fill_factor::sys.tinyint AS fill_factor, i.padded AS is_padded,
    i.disabled AS is_disabled, false AS is_hypothetical, false AS is_ignored_in_optimization, i.row_locks AS allow_row_locks,
    i.page_locks AS allow_page_locks, (i.filter_text IS NOT NULL) AS has_filter, i.filter_text::sys.nvarchar AS filter_definition,
    NULL::int4 AS compression_delay, false AS suppress_dup_key_messages, false AS auto_created, false AS optimize_for_sequential_key
FROM casement.indexes i JOIN casement.objects o ON o.id = i.object
UNION ALL
SELECT o.database, o.id, NULL::sys.nvarchar(128), 0, 0::sys.tinyint, 'HEAP'::sys.nvarchar(60), false, 1, false, false, false, 0::sys.tinyint, false, false, false, false,
    true, true, false, NULL, NULL, false, false, false
FROM casement.objects o
WHERE o.type IN ('U', 'TT') AND NOT EXISTS (SELECT FROM casement.indexes i WHERE i.object = o.id AND i.type = 1);
