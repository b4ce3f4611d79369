-- sys.linked_logins: linked logins: none
CREATE VIEW sys.linked_logins AS
SELECT d.id AS _db, ''::sys.nvarchar(128) AS name, 0::int4 AS principal_id, 0::int4 AS server_id
FROM casement.databases d WHERE false;
