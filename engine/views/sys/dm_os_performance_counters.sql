-- sys.dm_os_performance_counters: what the instance counts (context/counters.def), and states of it
CREATE VIEW sys.dm_os_performance_counters AS
SELECT c.object_name::sys.nchar(128) AS object_name, c.counter_name::sys.nchar(128) AS counter_name,
    c.instance_name::sys.nchar(128) AS instance_name, c.cntr_value AS cntr_value, c.cntr_type AS cntr_type
FROM (
    SELECT 'SQLServer:' || n.object AS object_name, n.name AS counter_name,
        CASE WHEN n.object IN ('Locks', 'SQL Errors') THEN '_Total' ELSE '' END AS instance_name,
        n.value AS cntr_value, 272696576 AS cntr_type
    FROM casement.counters() n
    UNION ALL
    SELECT 'SQLServer:General Statistics', 'User Connections', '', (SELECT pg_catalog.count(*) FROM casement.sessions()), 65792
    UNION ALL
    SELECT 'SQLServer:Databases', 'Transactions/sec', '_Total', d.xact_commit + d.xact_rollback, 272696576
    FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 'SQLServer:Buffer Manager', 'Buffer cache hit ratio', '',
        CASE WHEN d.blks_hit + d.blks_read = 0 THEN 100 ELSE d.blks_hit * 100 / (d.blks_hit + d.blks_read) END, 537003264
    FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()
) c;
