-- sys.sysobjects: objects as SQL Server 2000 had them
CREATE VIEW sys.sysobjects AS
SELECT o.seen_from AS _db, o.name::sys.nvarchar(128) AS name, o.id AS id, rpad(o.type, 2)::sys."char"(2) AS xtype, o.schema::int2 AS uid, 0::int2 AS info, 0::int4 AS status,
    0::int4 AS base_schema_ver, 0::int4 AS replinfo, o.parent AS parent_obj, casement.moment(o.created) AS crdate, 0::int2 AS ftcatid,
    0::int4 AS schema_ver, 0::int4 AS stats_schema_ver, rpad(CASE o.type WHEN 'PK' THEN 'K' WHEN 'UQ' THEN 'K' ELSE o.type END, 2)::sys."char"(2) AS type,
    o.schema::int2 AS userstat,
    (CASE o.type WHEN 'S' THEN 1 WHEN 'V' THEN 2 WHEN 'U' THEN 3 WHEN 'P' THEN 4 WHEN 'D' THEN 6 WHEN 'R' THEN 7 WHEN 'TR' THEN 8
     WHEN 'C' THEN 9 WHEN 'PK' THEN 9 WHEN 'UQ' THEN 9 WHEN 'F' THEN 11 WHEN 'X' THEN 4 ELSE 0 END)::int2 AS sysstat,
    0::int2 AS indexdel, casement.moment(o.created) AS refdate, 0::int4 AS version, 0::int4 AS deltrig, 0::int4 AS instrig,
    0::int4 AS updtrig, 0::int4 AS seltrig, 0::int4 AS category, 0::int2 AS cache
FROM casement.objects_seen o;
