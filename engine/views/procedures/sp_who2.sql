-- sp_who2: who is logged in, with more
CREATE PROCEDURE sys.sp_who2 @loginame sysname = NULL
AS
SET NOCOUNT ON
SELECT CONVERT(char(5), s.session_id) AS SPID, CONVERT(nvarchar(30), s.status) AS Status, s.login_name AS Login, s.host_name AS HostName,
    CONVERT(char(5), CASE WHEN r.blocking_session_id > 0 THEN CONVERT(varchar(5), r.blocking_session_id) ELSE '  .' END) AS BlkBy, DB_NAME(s.database_id) AS DBName,
    CONVERT(nvarchar(26), ISNULL(r.command, N'AWAITING COMMAND')) AS Command, CONVERT(varchar(10), s.cpu_time) AS CPUTime, CONVERT(varchar(10), s.reads + s.writes) AS DiskIO,
    CONVERT(varchar(14), s.last_request_start_time, 120) AS LastBatch, s.program_name AS ProgramName, CONVERT(char(5), s.session_id) AS SPID2, CONVERT(char(5), 0) AS REQUESTID
FROM sys.dm_exec_sessions s LEFT JOIN sys.dm_exec_requests r ON r.session_id = s.session_id
WHERE @loginame IS NULL OR s.login_name = @loginame ORDER BY s.session_id
