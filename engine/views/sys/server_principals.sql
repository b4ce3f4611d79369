-- sys.server_principals: logins and server roles
CREATE VIEW sys.server_principals AS
SELECT p.name::sys.nvarchar(128) AS name, p.id AS principal_id, p.sid::sys.varbinary(85) AS sid, p.type::sys."char"(1) AS type,
    (CASE p.type WHEN 'S' THEN 'SQL_LOGIN' WHEN 'R' THEN 'SERVER_ROLE' ELSE 'WINDOWS_LOGIN' END)::sys.nvarchar(60) AS type_desc, p.disabled AS is_disabled,
    casement.moment(p.created) AS create_date, casement.moment(p.modified) AS modify_date, p.default_database::sys.nvarchar(128) AS default_database_name,
    p.default_language::sys.nvarchar(128) AS default_language_name, NULL::int4 AS credential_id,
    (CASE WHEN p.type = 'R' THEN 1 END)::int4 AS owning_principal_id, p.fixed_role AS is_fixed_role
FROM casement.server_principals p;
