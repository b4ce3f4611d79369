-- sys.sysfilegroups: the one file group as SQL Server 2000 had it
CREATE VIEW sys.sysfilegroups AS
SELECT d.id AS _db, 1::int2 AS groupid, 0::int2 AS allocpolicy, 16::int4 AS status, 'PRIMARY'::sys.nvarchar(128) AS groupname FROM casement.databases d;
