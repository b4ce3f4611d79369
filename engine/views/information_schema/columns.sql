-- INFORMATION_SCHEMA.COLUMNS: columns of tables and views
CREATE VIEW "INFORMATION_SCHEMA"."COLUMNS" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "TABLE_CATALOG", s.name::sys.nvarchar(128) AS "TABLE_SCHEMA", o.name::sys.nvarchar(128) AS "TABLE_NAME", c.name::sys.nvarchar(128) AS "COLUMN_NAME",
    (row_number() OVER (PARTITION BY c.object ORDER BY c.id))::int4 AS "ORDINAL_POSITION", c.default_text::sys.nvarchar(4000) AS "COLUMN_DEFAULT",
    (CASE WHEN c.nullable THEN 'YES' ELSE 'NO' END)::sys.varchar(3) AS "IS_NULLABLE", casement.type_name(c.system_type, c.user_type)::sys.nvarchar(128) AS "DATA_TYPE",
    (CASE WHEN c.system_type IN (34, 35, 99, 165, 167, 173, 175, 231, 239) THEN casement.character_length(c.system_type, c.max_length) WHEN c.system_type = 241 THEN -1 END)::int4 AS "CHARACTER_MAXIMUM_LENGTH",
    (CASE WHEN c.system_type IN (34, 35) THEN 2147483647 WHEN c.system_type = 99 THEN 2147483646 WHEN c.system_type IN (165, 167, 173, 175, 231, 239) THEN c.max_length WHEN c.system_type = 241 THEN -1 END)::int4 AS "CHARACTER_OCTET_LENGTH",
    (CASE WHEN c.system_type IN (48, 52, 56, 59, 60, 62, 106, 108, 122, 127) THEN c.precision END)::sys.tinyint AS "NUMERIC_PRECISION",
    (CASE WHEN c.system_type IN (48, 52, 56, 60, 106, 108, 122, 127) THEN 10 WHEN c.system_type IN (59, 62) THEN 2 END)::int2 AS "NUMERIC_PRECISION_RADIX",
    (CASE WHEN c.system_type IN (48, 52, 56, 60, 106, 108, 122, 127) THEN c.scale END)::int4 AS "NUMERIC_SCALE",
    (CASE WHEN c.system_type IN (40, 58) THEN 0 WHEN c.system_type = 61 THEN 3 WHEN c.system_type IN (41, 42, 43) THEN c.scale END)::int2 AS "DATETIME_PRECISION",
    NULL::sys.nvarchar(128) AS "CHARACTER_SET_CATALOG", NULL::sys.nvarchar(128) AS "CHARACTER_SET_SCHEMA",
    (CASE WHEN c.system_type IN (35, 167, 175) THEN 'iso_1' WHEN c.system_type IN (99, 231, 239) THEN 'UNICODE' END)::sys.nvarchar(128) AS "CHARACTER_SET_NAME",
    NULL::sys.nvarchar(128) AS "COLLATION_CATALOG", NULL::sys.nvarchar(128) AS "COLLATION_SCHEMA", casement.collation_name(c.collation)::sys.nvarchar(128) AS "COLLATION_NAME",
    (CASE WHEN c.user_type > 256 THEN d.name END)::sys.nvarchar(128) AS "DOMAIN_CATALOG", (CASE WHEN c.user_type > 256 THEN ts.name END)::sys.nvarchar(128) AS "DOMAIN_SCHEMA",
    t.name::sys.nvarchar(128) AS "DOMAIN_NAME"
FROM casement.columns c JOIN casement.objects o ON o.id = c.object JOIN casement.databases d ON d.id = o.database
JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
LEFT JOIN casement.types t ON t.database = o.database AND t.id = c.user_type
LEFT JOIN casement.schemas ts ON ts.database = o.database AND ts.id = t.schema
WHERE o.type IN ('U', 'V');
