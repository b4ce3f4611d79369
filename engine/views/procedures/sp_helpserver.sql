-- sp_helpserver: servers: this one
CREATE PROCEDURE sys.sp_helpserver @server sysname = NULL
AS
SET NOCOUNT ON
SELECT CONVERT(sysname, @@SERVERNAME) AS name, CONVERT(sysname, @@SERVERNAME) AS network_name, CONVERT(varchar(64), 'rpc,rpc out,use remote collation') AS status, CONVERT(char(4), '0') AS id,
    CONVERT(sysname, NULL) AS collation_name, CONVERT(int, 0) AS connect_timeout, CONVERT(int, 0) AS query_timeout
