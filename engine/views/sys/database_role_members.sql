-- sys.database_role_members: members of database roles
CREATE VIEW sys.database_role_members AS
SELECT m.database AS _db, m.role AS role_principal_id, m.member AS member_principal_id
FROM casement.role_members m WHERE m.database <> 0;
