-- sys.sequences: sequence objects
CREATE VIEW sys.sequences AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS object_id, NULL::int4 AS principal_id, o.schema AS schema_id,
    o.parent AS parent_object_id, rpad(o.type, 2)::sys."char"(2) AS type, o.description::sys.nvarchar(60) AS type_desc,
    casement.moment(o.created) AS create_date, casement.moment(o.modified) AS modify_date,
    o.is_system AS is_ms_shipped, false AS is_published, false AS is_schema_published, casement.variant(s.start, s.system_type) AS start_value, casement.variant(s.increment, s.system_type) AS increment,
    casement.variant(s.minimum, s.system_type) AS minimum_value, casement.variant(s.maximum, s.system_type) AS maximum_value, s.cycle AS is_cycling,
    s.cached AS is_cached, s.cache_size AS cache_size, s.system_type::sys.tinyint AS system_type_id, s.user_type AS user_type_id,
    s.precision::sys.tinyint AS precision, 0::sys.tinyint AS scale,
    casement.variant(coalesce(pg_catalog.pg_sequence_last_value(o.relation), s.start), s.system_type) AS current_value,
    false AS is_exhausted, NULL::sys.sql_variant AS last_used_value
FROM casement.objects_seen o JOIN casement.sequences s ON s.object = o.id;
