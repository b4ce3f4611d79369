-- sys.dm_os_sys_info: the server process
CREATE VIEW sys.dm_os_sys_info AS
SELECT 0::int8 AS cpu_ticks, (extract(epoch FROM clock_timestamp()) * 1000)::int8 AS ms_ticks, 1::int4 AS cpu_count, 1::int4 AS hyperthread_ratio,
    (pg_size_bytes(current_setting('shared_buffers')) / 1024)::int8 AS physical_memory_kb, 0::int8 AS virtual_memory_kb,
    (pg_size_bytes(current_setting('shared_buffers')) / 1024)::int8 AS committed_kb, 0::int8 AS committed_target_kb, 512::int4 AS max_workers_count,
    1::int4 AS scheduler_count, casement.moment(pg_postmaster_start_time()) AS sqlserver_start_time, 1::int4 AS socket_count,
    1::int4 AS cores_per_socket, 1::int4 AS numa_node_count, 0::int4 AS virtual_machine_type, 'NONE'::sys.nvarchar(60) AS virtual_machine_type_desc;
