-- sp_helpsort: the server's collation
CREATE PROCEDURE sys.sp_helpsort
AS
SET NOCOUNT ON
SELECT CONVERT(nvarchar(256), SERVERPROPERTY('Collation')) AS [Server default collation]
