-- sys.server_role_members: members of server roles
CREATE VIEW sys.server_role_members AS
SELECT m.role AS role_principal_id, m.member AS member_principal_id
FROM casement.role_members m WHERE m.database = 0;
