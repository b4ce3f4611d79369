-- sp_databases: databases with their sizes
CREATE PROCEDURE sys.sp_databases
AS
SET NOCOUNT ON
SELECT CONVERT(sysname, d.name) AS DATABASE_NAME, CONVERT(int, 8192) AS DATABASE_SIZE, CONVERT(varchar(254), NULL) AS REMARKS
FROM sys.databases d WHERE HAS_DBACCESS(d.name) = 1 ORDER BY 1
