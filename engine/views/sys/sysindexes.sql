-- sys.sysindexes: indexes as SQL Server 2000 had them
CREATE VIEW sys.sysindexes AS
SELECT i._db, i.object_id AS id, ((CASE WHEN i.is_unique THEN 2 ELSE 0 END) + (CASE WHEN i.index_id = 1 THEN 16 ELSE 0 END)
     + (CASE WHEN i.is_primary_key THEN 2048 ELSE 0 END) + (CASE WHEN i.is_unique_constraint THEN 4096 ELSE 0 END))::int4 AS status,
    NULL::sys."binary"(6) AS first, i.index_id::int2 AS indid, NULL::sys."binary"(6) AS root, 0::int2 AS minlen,
    (SELECT count(*) FROM casement.index_columns k WHERE k.object = i.object_id AND k.index = i.index_id)::int2 AS keycnt, 0::int2 AS groupid,
    0::int4 AS dpages, 0::int4 AS reserved, 0::int4 AS used, coalesce(pg_stat_get_live_tuples(o.relation), 0) AS rowcnt, 0::int4 AS rowmodctr,
    0::sys.tinyint AS reserved3, 0::sys.tinyint AS reserved4, 0::int2 AS xmaxlen, 0::int2 AS maxirow, i.fill_factor AS "OrigFillFactor", 0::sys.tinyint AS "StatVersion",
    0::int4 AS reserved2, NULL::sys."binary"(6) AS "FirstIAM", 0::int2 AS impid, 0::int2 AS lockflags, 0::int4 AS pgmodctr,
    NULL::sys.varbinary(1088) AS keys, i.name, NULL::sys.image AS statblob, 0::int4 AS maxlen, coalesce(pg_stat_get_live_tuples(o.relation), 0)::int4 AS rows
FROM sys.indexes i JOIN casement.objects o ON o.id = i.object_id;
