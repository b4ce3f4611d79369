-- sys.syscolumns: columns and parameters as SQL Server 2000 had them
CREATE VIEW sys.syscolumns AS
SELECT o.seen_from AS _db, c.name::sys.nvarchar(128) AS name, c.object AS id, c.system_type::sys.tinyint AS xtype, 0::sys.tinyint AS typestat, c.user_type::int2 AS xusertype,
    c.max_length::int2 AS length, 0::sys.tinyint AS xprec, 0::sys.tinyint AS xscale, c.id::int2 AS colid, 0::int2 AS xoffset, 0::sys.tinyint AS bitpos, 0::sys.tinyint AS reserved,
    0::int2 AS colstat, c.default_object AS cdefault, 0::int4 AS domain, 0::int2 AS number, c.id::int2 AS colorder, 0::int2 AS offset,
    0::int4 AS collationid, 0::int4 AS language,
    ((CASE WHEN c.nullable THEN 8 ELSE 0 END) + (CASE WHEN c.identity THEN 128 ELSE 0 END))::sys.tinyint AS status, c.system_type::sys.tinyint AS type,
    c.user_type::int2 AS usertype, NULL::sys.varchar(255) AS printfmt, (CASE WHEN c.precision = 0 THEN casement.character_length(c.system_type, c.max_length) ELSE c.precision END)::int2 AS prec,
    c.scale::int4 AS scale, c.computed::int4 AS iscomputed, 0::int4 AS isoutparam, c.nullable::int4 AS isnullable,
    casement.collation_name(c.collation)::sys.nvarchar(128) AS collation, NULL::sys."binary"(6) AS tdscollation
FROM casement.columns c JOIN casement.objects_seen o ON o.id = c.object WHERE c.name <> '_db'
UNION ALL
SELECT o.database, p.name::sys.nvarchar(128), p.object, p.system_type::sys.tinyint, 0::sys.tinyint, p.user_type::int2, p.max_length::int2, 0::sys.tinyint, 0::sys.tinyint, p.id::int2, 0::int2,
    0::sys.tinyint, 0::sys.tinyint, 0::int2, 0, 0, p.number, p.id::int2, 0::int2, 0, 0, 8::sys.tinyint, p.system_type::sys.tinyint, p.user_type::int2, NULL, p.precision::int2,
    p.scale::int4, 0, p.output::int4, 1, casement.collation_name(p.collation)::sys.nvarchar(128), NULL
FROM casement.parameters p JOIN casement.objects o ON o.id = p.object;
