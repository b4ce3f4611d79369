-- sys.systypes: types as SQL Server 2000 had them
CREATE VIEW sys.systypes AS
SELECT t._db, t.name, t.system_type_id AS xtype, 0::sys.tinyint AS status, t.user_type_id::int2 AS xusertype, t.max_length AS length, 0::sys.tinyint AS xprec,
    0::sys.tinyint AS xscale, 0::int4 AS tdefault, 0::int4 AS domain, t.schema_id::int2 AS uid, 0::int2 AS reserved, NULL::int4 AS collationid,
    t.user_type_id::int2 AS usertype, (NOT t.is_nullable) AS variable, t.is_nullable AS allownulls, t.system_type_id AS type,
    NULL::sys.varchar(255) AS printfmt, t.precision::int2 AS prec, t.scale AS scale, t.collation_name AS collation
FROM sys.types t;
