-- xp_msver: the server's version, for tools
CREATE PROCEDURE sys.xp_msver @option sysname = NULL
AS
SET NOCOUNT ON
SELECT a.i AS [Index], CONVERT(nvarchar(64), a.n) AS Name, a.v AS Internal_Value, CONVERT(nvarchar(256), a.c) AS Character_Value
FROM (VALUES (1, N'ProductName', NULL, N'Microsoft SQL Server'), (2, N'ProductVersion', 1048576, N'16.0.1000.6'), (3, N'Language', 1033, N'English (United States)'), (4, N'Platform', NULL, N'NT x64'),
    (14, N'WindowsVersion', 0, N'Linux'), (15, N'ProcessorCount', 1, N'1'), (16, N'ProcessorActiveMask', NULL, N'1'), (19, N'PhysicalMemory', 1024, N'1024')) AS a(i, n, v, c)
WHERE @option IS NULL OR a.n = @option ORDER BY 1
