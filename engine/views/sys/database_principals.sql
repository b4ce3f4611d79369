-- sys.database_principals: users and roles
CREATE VIEW sys.database_principals AS
SELECT p.database AS _db, p.name::sys.nvarchar(128) AS name, p.id AS principal_id, p.type::sys."char"(1) AS type,
    (CASE p.type WHEN 'S' THEN 'SQL_USER' WHEN 'R' THEN 'DATABASE_ROLE' WHEN 'A' THEN 'APPLICATION_ROLE' ELSE 'WINDOWS_USER' END)::sys.nvarchar(60) AS type_desc,
    p.default_schema::sys.nvarchar(128) AS default_schema_name, casement.moment(p.created) AS create_date, casement.moment(p.modified) AS modify_date,
    (CASE WHEN p.type = 'R' THEN p.owner END)::int4 AS owning_principal_id, coalesce(l.sid, p.sid)::sys.varbinary(85) AS sid, p.fixed_role AS is_fixed_role,
    (CASE WHEN p.type = 'R' OR (p.login = 0 AND p.id > 4) THEN 0 WHEN p.id IN (3, 4) THEN 0 ELSE 1 END)::int4 AS authentication_type,
    (CASE WHEN p.type = 'R' OR p.login = 0 THEN 'NONE' ELSE 'INSTANCE' END)::sys.nvarchar(60) AS authentication_type_desc,
    NULL::sys.nvarchar(128) AS default_language_name, NULL::int4 AS default_language_lcid, false AS allow_encrypted_value_modifications
FROM casement.database_principals p LEFT JOIN casement.server_principals l ON l.id = p.login AND p.login <> 0;
