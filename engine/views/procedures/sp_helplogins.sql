-- sp_helplogins: logins
CREATE PROCEDURE sys.sp_helplogins @LoginNamePattern sysname = NULL
AS
SET NOCOUNT ON
SELECT p.name AS LoginName, p.sid AS SID, p.default_database_name AS DefDBName, p.default_language_name AS DefLangName, CONVERT(char(5), 'yes') AS AUser, CONVERT(char(7), 'no') AS ARemote
FROM sys.server_principals p WHERE p.type = 'S' AND (@LoginNamePattern IS NULL OR p.name = @LoginNamePattern) ORDER BY 1
