-- INFORMATION_SCHEMA.SEQUENCES: sequence objects
CREATE VIEW "INFORMATION_SCHEMA"."SEQUENCES" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "SEQUENCE_CATALOG", s.name::sys.nvarchar(128) AS "SEQUENCE_SCHEMA", o.name::sys.nvarchar(128) AS "SEQUENCE_NAME", casement.type_name(q.system_type, q.user_type)::sys.nvarchar(128) AS "DATA_TYPE",
    q.precision::sys.tinyint AS "NUMERIC_PRECISION", 10::int2 AS "NUMERIC_PRECISION_RADIX", 0::int4 AS "NUMERIC_SCALE", q.start AS "START_VALUE", q.minimum AS "MINIMUM_VALUE",
    q.maximum AS "MAXIMUM_VALUE", q.increment AS "INCREMENT", q.cycle::int4 AS "CYCLE_OPTION"
FROM casement.objects o JOIN casement.sequences q ON q.object = o.id JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema;
