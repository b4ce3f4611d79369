-- sys.all_views: views and system views
CREATE VIEW sys.all_views AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published, false AS is_replicated, false AS has_replication_filter, false AS has_opaque_metadata,
    false AS has_unchecked_assembly_data, coalesce(m.check_option, false) AS with_check_option, false AS is_date_correlation_view,
    false AS is_tracked_by_cdc, false AS has_snapshot, 0::sys.tinyint AS ledger_view_type, 'NON_LEDGER_VIEW'::sys.nvarchar(60) AS ledger_view_type_desc,
    false AS is_dropped_ledger_view
FROM casement.objects_seen o LEFT JOIN casement.modules m ON m.object = o.id WHERE o.type = 'V';
