-- sys.xml_schema_collections: XML schema collections: none
CREATE VIEW sys.xml_schema_collections AS
SELECT d.id AS _db, ''::sys.nvarchar(128) AS name, 0::int4 AS principal_id, 0::int4 AS xml_collection_id
FROM casement.databases d WHERE false;
