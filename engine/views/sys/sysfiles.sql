-- sys.sysfiles: files as SQL Server 2000 had them
CREATE VIEW sys.sysfiles AS
SELECT f._db, f.file_id::int2 AS fileid, f.data_space_id::int2 AS groupid, f.size, f.max_size AS maxsize, f.growth, 2::int4 AS status, 0::int4 AS perf,
    f.name, f.physical_name AS filename FROM sys.database_files f;
