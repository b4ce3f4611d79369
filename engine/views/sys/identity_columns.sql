-- sys.identity_columns: identity columns
CREATE VIEW sys.identity_columns AS
SELECT o.database AS _db, c.object AS object_id, c.name::sys.nvarchar(128) AS name, c.id AS column_id, c.system_type::sys.tinyint AS system_type_id,
    c.user_type AS user_type_id, c.max_length::int2 AS max_length, c.precision::sys.tinyint AS precision, c.scale::sys.tinyint AS scale,
    casement.collation_name(c.collation)::sys.nvarchar(128) AS collation_name, c.nullable AS is_nullable, c.ansi_padded AS is_ansi_padded,
    c.rowguid AS is_rowguidcol, c.identity AS is_identity, c.computed AS is_computed, false AS is_filestream,
    false AS is_replicated, false AS is_non_sql_subscribed, false AS is_merge_published, false AS is_dts_replicated,
    false AS is_xml_document, 0::int4 AS xml_collection_id, c.default_object AS default_object_id, 0::int4 AS rule_object_id,
    c.sparse AS is_sparse, false AS is_column_set, 0::sys.tinyint AS generated_always_type, 'NOT_APPLICABLE'::sys.nvarchar(60) AS generated_always_type_desc,
    NULL::int4 AS encryption_type, NULL::sys.nvarchar(60) AS encryption_type_desc, NULL::sys.nvarchar(128) AS encryption_algorithm_name,
    NULL::int4 AS column_encryption_key_id, NULL::sys.nvarchar(128) AS column_encryption_key_database_name, c.hidden AS is_hidden,
    false AS is_masked, NULL::int4 AS graph_type, NULL::sys.nvarchar(60) AS graph_type_desc, false AS is_data_deletion_filter_column,
    NULL::int4 AS ledger_view_column_type, NULL::sys.nvarchar(60) AS ledger_view_column_type_desc, false AS is_dropped_ledger_column, casement.variant(c.seed, c.system_type) AS seed_value, casement.variant(c.increment, c.system_type) AS increment_value,
    NULL::sys.sql_variant AS last_value, c.identity_not_for_replication AS is_not_for_replication
FROM casement.columns c JOIN casement.objects o ON o.id = c.object WHERE c.identity;
