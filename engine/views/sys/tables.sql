-- sys.tables: user tables
CREATE VIEW sys.tables AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published, 0::int4 AS lob_data_space_id, NULL::int4 AS filestream_data_space_id,
    coalesce((SELECT max(c.id) FROM casement.columns c WHERE c.object = o.id), 0) AS max_column_id_used,
    false AS lock_on_bulk_load, true AS uses_ansi_nulls, false AS is_replicated, false AS has_replication_filter,
    false AS is_merge_published, false AS is_sync_tran_subscribed, false AS has_unchecked_assembly_data,
    0::int4 AS text_in_row_limit, false AS large_value_types_out_of_row, false AS is_tracked_by_cdc,
    0::sys.tinyint AS lock_escalation, 'TABLE'::sys.nvarchar(60) AS lock_escalation_desc, false AS is_filetable,
    false AS is_memory_optimized, 0::sys.tinyint AS durability, 'SCHEMA_AND_DATA'::sys.nvarchar(60) AS durability_desc,
    0::sys.tinyint AS temporal_type, 'NON_TEMPORAL_TABLE'::sys.nvarchar(60) AS temporal_type_desc, NULL::int4 AS history_table_id,
    false AS is_remote_data_archive_enabled, false AS is_external, NULL::int4 AS history_retention_period,
    NULL::int4 AS history_retention_period_unit, NULL::sys.nvarchar(60) AS history_retention_period_unit_desc,
    false AS is_node, false AS is_edge, NULL::int4 AS data_retention_period, NULL::int4 AS data_retention_period_unit,
    NULL::sys.nvarchar(60) AS data_retention_period_unit_desc, 0::sys.tinyint AS ledger_type, 'NON_LEDGER_TABLE'::sys.nvarchar(60) AS ledger_type_desc,
    NULL::int4 AS ledger_view_id, false AS is_dropped_ledger_table
FROM casement.objects_seen o WHERE o.type = 'U';
