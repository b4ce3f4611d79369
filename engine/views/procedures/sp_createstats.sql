-- sp_createstats: statistics are PostgreSQL's own
CREATE PROCEDURE sys.sp_createstats @indexonly char(9) = 'NO'
AS
RETURN 0
