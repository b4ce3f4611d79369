-- sys.sysusers: users and roles as SQL Server 2000 had them
CREATE VIEW sys.sysusers AS
SELECT p.database AS _db, p.id::int2 AS uid, 0::int2 AS status, p.name::sys.nvarchar(128) AS name, p.sid::sys.varbinary(85) AS sid, NULL::sys.varbinary(2048) AS roles,
    casement.moment(p.created) AS createdate, casement.moment(p.modified) AS updatedate, 0::int2 AS altuid, NULL::sys.varbinary(256) AS password,
    0::int2 AS gid, NULL::sys.varchar(85) AS environ, (p.login <> 0)::int4 AS hasdbaccess, (p.type = 'S')::int4 AS islogin, 0::int4 AS isntname,
    0::int4 AS isntgroup, 0::int4 AS isntuser, (p.type = 'S')::int4 AS issqluser, 0::int4 AS isaliased, (p.type = 'R')::int4 AS issqlrole,
    (p.type = 'A')::int4 AS isapprole
FROM casement.database_principals p;
