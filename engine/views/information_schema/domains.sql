-- INFORMATION_SCHEMA.DOMAINS: alias types
CREATE VIEW "INFORMATION_SCHEMA"."DOMAINS" AS
SELECT t.database AS _db, d.name::sys.nvarchar(128) AS "DOMAIN_CATALOG", s.name::sys.nvarchar(128) AS "DOMAIN_SCHEMA", t.name::sys.nvarchar(128) AS "DOMAIN_NAME",
    casement.type_name(t.system_type, 0)::sys.nvarchar(128) AS "DATA_TYPE", casement.character_length(t.system_type, t.max_length) AS "CHARACTER_MAXIMUM_LENGTH",
    t.max_length AS "CHARACTER_OCTET_LENGTH", NULL::sys.nvarchar(128) AS "COLLATION_CATALOG", NULL::sys.nvarchar(128) AS "COLLATION_SCHEMA",
    casement.collation_name(t.collation)::sys.nvarchar(128) AS "COLLATION_NAME", t.precision::sys.tinyint AS "NUMERIC_PRECISION", 10::int2 AS "NUMERIC_PRECISION_RADIX", t.scale::int4 AS "NUMERIC_SCALE"
FROM casement.types t JOIN casement.databases d ON d.id = t.database JOIN casement.schemas s ON s.database = t.database AND s.id = t.schema WHERE t.table_object = 0;
