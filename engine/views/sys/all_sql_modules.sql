-- sys.all_sql_modules: text of modules
CREATE VIEW sys.all_sql_modules AS
SELECT o.database AS _db, m.object AS object_id, (CASE WHEN NOT m.encrypted THEN m.definition END)::sys.nvarchar AS definition,
    m.ansi_nulls AS uses_ansi_nulls, m.quoted_identifier AS uses_quoted_identifier, m.schema_bound AS is_schema_bound,
    true AS uses_database_collation, m.recompile AS is_recompiled, m.null_on_null AS null_on_null_input,
    (CASE m.execute_as WHEN 'OWNER' THEN -2 END)::int4 AS execute_as_principal_id, false AS uses_native_compilation,
    false AS inline_type, false AS is_inlineable
FROM casement.modules m JOIN casement.objects o ON o.id = m.object WHERE m.number = 1;
