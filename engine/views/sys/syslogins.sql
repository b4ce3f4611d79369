-- sys.syslogins: logins as SQL Server 2000 had them
CREATE VIEW sys.syslogins AS
SELECT p.sid::sys.varbinary(85) AS sid, 9::int2 AS status, casement.moment(p.created) AS createdate, casement.moment(p.modified) AS updatedate,
    casement.moment(p.created) AS accdate, 0::int4 AS totcpu, 0::int4 AS totio, 0::int4 AS spacelimit, 0::int4 AS timelimit, 0::int4 AS resultlimit,
    p.name::sys.nvarchar(128) AS name, p.default_database::sys.nvarchar(128) AS dbname, NULL::sys.nvarchar(128) AS password, p.default_language::sys.nvarchar(128) AS language,
    0::int4 AS denylogin, 1::int4 AS hasaccess, 0::int4 AS isntname, 0::int4 AS isntgroup, 0::int4 AS isntuser,
    (EXISTS (SELECT FROM casement.role_members m WHERE m.database = 0 AND m.role = 3 AND m.member = p.id))::int4 AS sysadmin,
    0::int4 AS securityadmin, 0::int4 AS serveradmin, 0::int4 AS setupadmin, 0::int4 AS processadmin, 0::int4 AS diskadmin, 0::int4 AS dbcreator,
    0::int4 AS bulkadmin, p.name::sys.nvarchar(128) AS loginname
FROM casement.server_principals p WHERE p.type = 'S';
