-- sys.assemblies: CLR assemblies: none
CREATE VIEW sys.assemblies AS
SELECT d.id AS _db, ''::sys.nvarchar(128) AS name, 0::int4 AS principal_id, 0::int4 AS assembly_id
FROM casement.databases d WHERE false;
