-- sys.server_permissions: GRANT and DENY on the server
CREATE VIEW sys.server_permissions AS
SELECT p.class::sys.tinyint AS class, (CASE p.class WHEN 0 THEN 'DATABASE' WHEN 1 THEN 'OBJECT_OR_COLUMN' WHEN 3 THEN 'SCHEMA' WHEN 4 THEN 'DATABASE_PRINCIPAL' WHEN 6 THEN 'TYPE' WHEN 100 THEN 'SERVER' ELSE 'SERVER_PRINCIPAL' END)::sys.nvarchar(60) AS class_desc, p.major AS major_id, p.minor AS minor_id, p.grantee AS grantee_principal_id,
    p.grantor AS grantor_principal_id, rpad(p.type, 4)::sys."char"(4) AS type, p.permission::sys.nvarchar(128) AS permission_name, p.state::sys."char"(1) AS state, (CASE p.state WHEN 'D' THEN 'DENY' WHEN 'W' THEN 'GRANT_WITH_GRANT_OPTION' ELSE 'GRANT' END)::sys.nvarchar(60) AS state_desc
FROM casement.permissions p WHERE p.database = 0;
