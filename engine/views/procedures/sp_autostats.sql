-- sp_autostats: statistics are PostgreSQL's own
CREATE PROCEDURE sys.sp_autostats @tblname nvarchar(776), @flagc varchar(10) = NULL, @indname sysname = NULL
AS
RETURN 0
