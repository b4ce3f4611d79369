-- sys.dm_exec_requests: what sessions are doing now
CREATE VIEW sys.dm_exec_requests AS
SELECT s.session_id::int2 AS session_id, 0::int4 AS request_id, casement.moment(s.request_start) AS start_time, s.status::sys.nvarchar(30) AS status,
    coalesce(s.command, 'SELECT')::sys.nvarchar(32) AS command, NULL::sys.varbinary(64) AS sql_handle, NULL::int4 AS statement_start_offset,
    NULL::int4 AS statement_end_offset, NULL::sys.varbinary(64) AS plan_handle, s.database_id::int2 AS database_id, 1::int4 AS user_id,
    s.connection_id AS connection_id, coalesce(s.blocked_by, 0)::int2 AS blocking_session_id, NULL::sys.nvarchar(60) AS wait_type,
    0::int4 AS wait_time, ''::sys.nvarchar(60) AS last_wait_type, ''::sys.nvarchar(256) AS wait_resource,
    s.open_transactions AS open_transaction_count, 1::int4 AS open_resultset_count, 0::int8 AS transaction_id, 0::real AS percent_complete,
    0::int8 AS estimated_completion_time, least(s.request_cpu_time, 2147483647)::int4 AS cpu_time, least(s.request_elapsed_time, 2147483647)::int4 AS total_elapsed_time, s.request_reads AS reads,
    s.request_writes AS writes, s.request_logical_reads AS logical_reads, s.isolation_level::int2 AS transaction_isolation_level, s.lock_timeout AS lock_timeout,
    0::int4 AS deadlock_priority, s.row_count AS row_count, s.previous_error AS prev_error, s.nest_level AS nest_level
FROM (SELECT x.*, 0::int4 AS nest_level FROM casement.sessions() x) s
WHERE s.status IN ('running', 'suspended');
