-- INFORMATION_SCHEMA.ROUTINES: procedures and functions
CREATE VIEW "INFORMATION_SCHEMA"."ROUTINES" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "SPECIFIC_CATALOG", s.name::sys.nvarchar(128) AS "SPECIFIC_SCHEMA", o.name::sys.nvarchar(128) AS "SPECIFIC_NAME", d.name::sys.nvarchar(128) AS "ROUTINE_CATALOG",
    s.name::sys.nvarchar(128) AS "ROUTINE_SCHEMA", o.name::sys.nvarchar(128) AS "ROUTINE_NAME", (CASE o.type WHEN 'P' THEN 'PROCEDURE' ELSE 'FUNCTION' END)::sys.varchar(20) AS "ROUTINE_TYPE",
    NULL::sys.nvarchar(128) AS "MODULE_CATALOG", NULL::sys.nvarchar(128) AS "MODULE_SCHEMA", NULL::sys.nvarchar(128) AS "MODULE_NAME", NULL::sys.nvarchar(128) AS "UDT_CATALOG", NULL::sys.nvarchar(128) AS "UDT_SCHEMA",
    NULL::sys.nvarchar(128) AS "UDT_NAME", (CASE WHEN o.type IN ('IF', 'TF') THEN 'TABLE' ELSE casement.type_name(r.system_type, r.user_type) END)::sys.nvarchar(128) AS "DATA_TYPE",
    (CASE WHEN r.collation <> 0 THEN casement.character_length(r.system_type, r.max_length) END)::int4 AS "CHARACTER_MAXIMUM_LENGTH",
    (CASE WHEN r.collation <> 0 THEN r.max_length END)::int4 AS "CHARACTER_OCTET_LENGTH", casement.collation_name(r.collation)::sys.nvarchar(128) AS "COLLATION_NAME",
    (CASE WHEN r.precision > 0 THEN r.precision END)::sys.tinyint AS "NUMERIC_PRECISION", (CASE WHEN r.precision > 0 THEN 10 END)::int2 AS "NUMERIC_PRECISION_RADIX",
    (CASE WHEN r.precision > 0 THEN r.scale END)::int4 AS "NUMERIC_SCALE", NULL::int2 AS "DATETIME_PRECISION", 'SQL'::sys.varchar(30) AS "ROUTINE_BODY",
    left(m.definition, 4000)::sys.nvarchar(4000) AS "ROUTINE_DEFINITION", NULL::sys.nvarchar(128) AS "EXTERNAL_NAME", NULL::sys.varchar(30) AS "EXTERNAL_LANGUAGE", NULL::sys.varchar(30) AS "PARAMETER_STYLE",
    'NO'::sys.varchar(10) AS "IS_DETERMINISTIC", (CASE o.type WHEN 'P' THEN 'MODIFIES' ELSE 'READS' END)::sys.varchar(30) AS "SQL_DATA_ACCESS", 'YES'::sys.varchar(10) AS "IS_NULL_CALL",
    NULL::sys.nvarchar(128) AS "SQL_PATH", 'YES'::sys.varchar(10) AS "SCHEMA_LEVEL_ROUTINE", 0::int2 AS "MAX_DYNAMIC_RESULT_SETS", 'NO'::sys.varchar(10) AS "IS_USER_DEFINED_CAST",
    'NO'::sys.varchar(10) AS "IS_IMPLICITLY_INVOCABLE", casement.moment(o.created) AS "CREATED", casement.moment(o.modified) AS "LAST_ALTERED"
FROM casement.objects o JOIN casement.modules m ON m.object = o.id AND m.number = 1 JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
LEFT JOIN casement.parameters r ON r.object = o.id AND r.id = 0 AND r.number = 1
WHERE o.type IN ('P', 'FN', 'IF', 'TF');
