-- sys.schemas: schemas of a database
CREATE VIEW sys.schemas AS
SELECT s.database AS _db, s.name::sys.nvarchar(128) AS name, s.id AS schema_id, s.owner AS principal_id
FROM casement.schemas s;
