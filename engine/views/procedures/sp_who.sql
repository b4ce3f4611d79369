-- sp_who: who is logged in
CREATE PROCEDURE sys.sp_who @loginame sysname = NULL
AS
SET NOCOUNT ON
SELECT s.session_id AS spid, CONVERT(smallint, 0) AS ecid, CONVERT(nchar(30), s.status) AS status, s.login_name AS loginame, CONVERT(nchar(128), s.host_name) AS hostname,
    CONVERT(char(5), ISNULL(r.blocking_session_id, 0)) AS blk, DB_NAME(s.database_id) AS dbname, CONVERT(nchar(26), ISNULL(r.command, N'AWAITING COMMAND')) AS cmd, CONVERT(int, 0) AS request_id
FROM sys.dm_exec_sessions s LEFT JOIN sys.dm_exec_requests r ON r.session_id = s.session_id
WHERE @loginame IS NULL OR s.login_name = @loginame ORDER BY 1
