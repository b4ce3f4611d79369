-- sys.data_spaces: the one file group
CREATE VIEW sys.data_spaces AS
SELECT d.id AS _db, 'PRIMARY'::sys.nvarchar(128) AS name, 1::int4 AS data_space_id, 'FG'::sys."char"(2) AS type, 'ROWS_FILEGROUP'::sys.nvarchar(60) AS type_desc,
    true AS is_default, false AS is_system
FROM casement.databases d;
