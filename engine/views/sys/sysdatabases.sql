-- sys.sysdatabases: databases as SQL Server 2000 had them
CREATE VIEW sys.sysdatabases AS
SELECT d.name::sys.nvarchar(128) AS name, d.id::int2 AS dbid, sp.sid::sys.varbinary(85) AS sid, 0::int2 AS mode,
    ((CASE WHEN d.read_only THEN 1024 ELSE 0 END) + (CASE d.state WHEN 6 THEN 512 ELSE 0 END)
     + (CASE d.recovery_model WHEN 3 THEN 8 WHEN 2 THEN 4 ELSE 0 END) + 65536)::int4 AS status,
    0::int4 AS status2, casement.moment(d.created) AS crdate, '19000101'::sys.datetime AS reserved, 0::int4 AS category,
    d.compatibility_level::sys.tinyint AS cmptlevel, ('/var/opt/mssql/data/' || d.name || '.mdf')::sys.nvarchar(260) AS filename, 957::int2 AS version
FROM casement.databases d LEFT JOIN casement.server_principals sp ON sp.id = d.owner;
