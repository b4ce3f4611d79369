-- INFORMATION_SCHEMA.PARAMETERS: parameters of procedures and functions
CREATE VIEW "INFORMATION_SCHEMA"."PARAMETERS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "SPECIFIC_CATALOG", s.name::sys.nvarchar(128) AS "SPECIFIC_SCHEMA", o.name::sys.nvarchar(128) AS "SPECIFIC_NAME", p.id AS "ORDINAL_POSITION",
    (CASE WHEN p.id = 0 THEN 'OUT' WHEN p.output THEN 'INOUT' ELSE 'IN' END)::sys.varchar(10) AS "PARAMETER_MODE", (CASE WHEN p.id = 0 THEN 'YES' ELSE 'NO' END)::sys.varchar(10) AS "IS_RESULT",
    'NO'::sys.varchar(10) AS "AS_LOCATOR", p.name::sys.nvarchar(128) AS "PARAMETER_NAME", casement.type_name(p.system_type, p.user_type)::sys.nvarchar(128) AS "DATA_TYPE",
    (CASE WHEN p.system_type IN (34, 35, 99, 165, 167, 173, 175, 231, 239) THEN casement.character_length(p.system_type, p.max_length) WHEN p.system_type = 241 THEN -1 END)::int4 AS "CHARACTER_MAXIMUM_LENGTH",
    (CASE WHEN p.system_type IN (34, 35) THEN 2147483647 WHEN p.system_type = 99 THEN 2147483646 WHEN p.system_type IN (165, 167, 173, 175, 231, 239) THEN p.max_length WHEN p.system_type = 241 THEN -1 END)::int4 AS "CHARACTER_OCTET_LENGTH",
    (CASE WHEN p.system_type IN (48, 52, 56, 59, 60, 62, 106, 108, 122, 127) THEN p.precision END)::sys.tinyint AS "NUMERIC_PRECISION",
    (CASE WHEN p.system_type IN (48, 52, 56, 60, 106, 108, 122, 127) THEN 10 WHEN p.system_type IN (59, 62) THEN 2 END)::int2 AS "NUMERIC_PRECISION_RADIX",
    (CASE WHEN p.system_type IN (48, 52, 56, 60, 106, 108, 122, 127) THEN p.scale END)::int4 AS "NUMERIC_SCALE",
    (CASE WHEN p.system_type IN (40, 58) THEN 0 WHEN p.system_type = 61 THEN 3 WHEN p.system_type IN (41, 42, 43) THEN p.scale END)::int2 AS "DATETIME_PRECISION",
    NULL::sys.nvarchar(128) AS "CHARACTER_SET_CATALOG", NULL::sys.nvarchar(128) AS "CHARACTER_SET_SCHEMA",
    (CASE WHEN p.system_type IN (35, 167, 175) THEN 'iso_1' WHEN p.system_type IN (99, 231, 239) THEN 'UNICODE' END)::sys.nvarchar(128) AS "CHARACTER_SET_NAME",
    NULL::sys.nvarchar(128) AS "COLLATION_CATALOG", NULL::sys.nvarchar(128) AS "COLLATION_SCHEMA", casement.collation_name(p.collation)::sys.nvarchar(128) AS "COLLATION_NAME"
FROM casement.parameters p JOIN casement.objects o ON o.id = p.object JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema WHERE p.number = 1;
