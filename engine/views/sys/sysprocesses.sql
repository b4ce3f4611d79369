-- sys.sysprocesses: sessions as SQL Server 2000 had them
CREATE VIEW sys.sysprocesses AS
SELECT s.session_id::int2 AS spid, 0::int2 AS kpid, coalesce(s.blocked_by, 0)::int2 AS blocked, NULL::sys."binary"(2) AS waittype, 0::int8 AS waittime,
    ''::sys."nchar"(32) AS lastwaittype, ''::sys."nchar"(256) AS waitresource, s.database_id::int2 AS dbid, 1::int2 AS uid, least(s.cpu_time, 2147483647)::int4 AS cpu,
    (s.reads + s.writes) AS physical_io, 2::int4 AS memusage, casement.moment(s.login_time) AS login_time,
    casement.moment(coalesce(s.request_start, s.login_time)) AS last_batch, 0::int2 AS ecid, s.open_transactions::int2 AS open_tran,
    s.status::sys."nchar"(30) AS status, NULL::sys."binary"(86) AS sid, coalesce(s.host_name, '')::sys."nchar"(128) AS hostname,
    coalesce(s.program_name, '')::sys."nchar"(128) AS program_name, s.client_pid::text::sys."nchar"(10) AS hostprocess,
    coalesce(s.command, 'AWAITING COMMAND')::sys."nchar"(26) AS cmd, ''::sys."nchar"(128) AS nt_domain, ''::sys."nchar"(128) AS nt_username,
    ''::sys."nchar"(12) AS net_address, 'TCP/IP'::sys."nchar"(12) AS net_library, s.login_name::sys."nchar"(128) AS loginame,
    NULL::sys."binary"(128) AS context_info, NULL::sys."binary"(20) AS sql_handle, 0::int4 AS stmt_start, 0::int4 AS stmt_end, 0::int4 AS request_id
FROM casement.sessions() s;
