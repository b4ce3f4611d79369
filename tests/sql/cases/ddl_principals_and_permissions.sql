-- Logins, users, roles, GRANT and DENY.
CREATE LOGIN ddl_login WITH PASSWORD = 'Str0ng-Passw0rd', DEFAULT_DATABASE = master
CREATE USER ddl_user FOR LOGIN ddl_login
CREATE ROLE readers
ALTER ROLE readers ADD MEMBER ddl_user
CREATE TABLE t (a int, b int)
GRANT SELECT ON t TO readers
DENY SELECT ON t (b) TO ddl_user
GRANT CREATE TABLE TO ddl_user
GO
CREATE LOGIN ddl_login WITH PASSWORD = 'Str0ng-Passw0rd'
GO
CREATE USER ddl_user WITHOUT LOGIN
GO
CREATE USER nobody FOR LOGIN nosuch
GO
CREATE ROLE readers
GO
GRANT SELECT ON nosuch TO readers
GO
GRANT SELECT ON t TO nosuch
GO
SELECT USER_NAME(grantee_principal_id) AS grantee, class_desc, OBJECT_NAME(major_id) AS object, minor_id, type, permission_name, state_desc
FROM sys.database_permissions WHERE USER_NAME(grantee_principal_id) IN ('readers', 'ddl_user') ORDER BY 1, 2, 5
SELECT name, type_desc, default_schema_name FROM sys.database_principals WHERE name IN ('readers', 'ddl_user') ORDER BY name
SELECT IS_ROLEMEMBER('readers', 'ddl_user') AS m, IS_ROLEMEMBER('db_owner', 'ddl_user') AS o, IS_SRVROLEMEMBER('sysadmin', 'sa') AS s
GO
REVOKE SELECT ON t TO readers
DROP ROLE readers
GO
ALTER ROLE readers DROP MEMBER ddl_user
DROP ROLE readers
DROP USER ddl_user
DROP USER ddl_user
GO
DROP LOGIN ddl_login
DROP LOGIN ddl_login
GO
