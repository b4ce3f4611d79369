-- sys.filegroups: the one file group
CREATE VIEW sys.filegroups AS
SELECT d.id AS _db, 'PRIMARY'::sys.nvarchar(128) AS name, 1::int4 AS data_space_id, 'FG'::sys."char"(2) AS type, 'ROWS_FILEGROUP'::sys.nvarchar(60) AS type_desc,
    true AS is_default, false AS is_system, NULL::sys.uniqueidentifier AS filegroup_guid, NULL::int4 AS log_filegroup_id, false AS is_read_only, false AS is_autogrow_all_files
FROM casement.databases d;
