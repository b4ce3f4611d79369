-- the instance's counters: they exist, and a batch counts
DECLARE @before bigint, @after bigint;
SELECT @before = cntr_value FROM sys.dm_os_performance_counters WHERE counter_name = 'Batch Requests/sec';
SELECT CASE WHEN @before > 0 THEN 'counted' END;
GO
SELECT RTRIM(object_name), RTRIM(counter_name) FROM sys.dm_os_performance_counters ORDER BY 1, 2;
GO
SELECT CASE WHEN cntr_value >= 1 THEN 'somebody is here' END FROM sys.dm_os_performance_counters WHERE counter_name = 'User Connections';
GO
