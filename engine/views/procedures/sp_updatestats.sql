-- sp_updatestats: statistics are PostgreSQL's own
CREATE PROCEDURE sys.sp_updatestats @resample char(8) = 'NO'
AS
RETURN 0
