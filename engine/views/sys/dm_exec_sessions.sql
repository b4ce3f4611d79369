-- sys.dm_exec_sessions: who is connected
CREATE VIEW sys.dm_exec_sessions AS
SELECT s.session_id::int2 AS session_id, casement.moment(s.login_time) AS login_time, s.host_name::sys.nvarchar(128) AS host_name,
    s.program_name::sys.nvarchar(128) AS program_name, s.client_pid AS host_process_id, 7::int4 AS client_version,
    s.client_interface::sys.nvarchar(32) AS client_interface_name,
    (SELECT p.sid FROM casement.server_principals p WHERE p.id = s.login_id)::sys.varbinary(85) AS security_id,
    s.login_name::sys.nvarchar(128) AS login_name, NULL::sys.nvarchar(128) AS nt_domain, NULL::sys.nvarchar(128) AS nt_user_name,
    s.status::sys.nvarchar(30) AS status, NULL::sys.varbinary(128) AS context_info, least(s.cpu_time, 2147483647)::int4 AS cpu_time, 2::int4 AS memory_usage,
    least(s.elapsed_time, 2147483647)::int4 AS total_scheduled_time, least(s.elapsed_time, 2147483647)::int4 AS total_elapsed_time, 1::int4 AS endpoint_id,
    casement.moment(coalesce(s.request_start, s.login_time)) AS last_request_start_time,
    casement.moment(s.request_end) AS last_request_end_time, s.reads AS reads, s.writes AS writes, s.logical_reads AS logical_reads,
    true AS is_user_process, 2147483647::int4 AS text_size, 'us_english'::sys.nvarchar(128) AS language, 'mdy'::sys.nvarchar(3) AS date_format,
    7::int2 AS date_first, (s.options & 1) <> 0 AS quoted_identifier, (s.options & 16) <> 0 AS arithabort, (s.options & 128) <> 0 AS ansi_null_dflt_on,
    false AS ansi_defaults, (s.options & 8) <> 0 AS ansi_warnings, (s.options & 4) <> 0 AS ansi_padding, (s.options & 2) <> 0 AS ansi_nulls,
    (s.options & 32) <> 0 AS concat_null_yields_null, s.isolation_level::int2 AS transaction_isolation_level, s.lock_timeout AS lock_timeout,
    0::int4 AS deadlock_priority, s.row_count AS row_count, s.previous_error AS prev_error,
    (SELECT p.sid FROM casement.server_principals p WHERE p.id = s.login_id)::sys.varbinary(85) AS original_security_id,
    s.original_login::sys.nvarchar(128) AS original_login_name, NULL::sys.datetime AS last_successful_logon, NULL::sys.datetime AS last_unsuccessful_logon,
    NULL::int8 AS unsuccessful_logons, 2::int4 AS group_id, s.database_id::int2 AS database_id, 1::int4 AS authenticating_database_id,
    s.open_transactions AS open_transaction_count, 0::int8 AS page_server_reads
FROM casement.sessions() s;
