-- sys.database_files: files as tools expect them: the storage is PostgreSQL's
CREATE VIEW sys.database_files AS
SELECT d.id AS _db, f.id AS file_id, NULL::sys.uniqueidentifier AS file_guid, f.type::sys.tinyint AS type, (CASE f.type WHEN 0 THEN 'ROWS' ELSE 'LOG' END)::sys.nvarchar(60) AS type_desc,
    (1 - f.type)::int4 AS data_space_id,
    (CASE WHEN d.id <= 4 THEN CASE f.type WHEN 0 THEN CASE d.id WHEN 1 THEN 'master' WHEN 2 THEN 'tempdev' WHEN 3 THEN 'modeldev' ELSE 'MSDBData' END
          ELSE CASE d.id WHEN 1 THEN 'mastlog' WHEN 2 THEN 'templog' WHEN 3 THEN 'modellog' ELSE 'MSDBLog' END END
          ELSE d.name || CASE f.type WHEN 0 THEN '' ELSE '_log' END END)::sys.nvarchar(128) AS name,
    ('/var/opt/mssql/data/' || CASE d.id WHEN 1 THEN CASE f.type WHEN 0 THEN 'master' ELSE 'mastlog' END ELSE d.name || CASE f.type WHEN 0 THEN '' ELSE '_log' END END
        || CASE f.type WHEN 0 THEN '.mdf' ELSE '.ldf' END)::sys.nvarchar(260) AS physical_name,
    d.state::sys.tinyint AS state, (CASE d.state WHEN 0 THEN 'ONLINE' ELSE 'OFFLINE' END)::sys.nvarchar(60) AS state_desc, 1024::int4 AS size, -1::int4 AS max_size,
    8192::int4 AS growth, false AS is_media_read_only, d.read_only AS is_read_only, false AS is_sparse, false AS is_percent_growth,
    false AS is_name_reserved, NULL::sys."decimal"(25,0) AS create_lsn
FROM casement.databases d CROSS JOIN (VALUES (1, 0), (2, 1)) AS f(id, type);
