-- sp_helprole: roles of the database
CREATE PROCEDURE sys.sp_helprole @rolename sysname = NULL
AS
SET NOCOUNT ON
SELECT r.name AS RoleName, CONVERT(smallint, r.principal_id) AS RoleId, CONVERT(int, 0) AS IsAppRole
FROM sys.database_principals r WHERE r.type = 'R' AND (@rolename IS NULL OR r.name = @rolename) ORDER BY r.principal_id
