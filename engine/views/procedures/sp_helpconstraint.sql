-- sp_helpconstraint: constraints of a table
CREATE PROCEDURE sys.sp_helpconstraint @objname nvarchar(776), @nomsg varchar(5) = 'msg'
AS
SET NOCOUNT ON
DECLARE @id int, @db sysname
SET @id = OBJECT_ID(@objname)
SET @db = DB_NAME()
IF @id IS NULL
BEGIN
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
IF @nomsg <> 'nomsg'
    SELECT @objname AS [Object Name]
SELECT CONVERT(nvarchar(146), CASE o.type WHEN 'PK' THEN N'PRIMARY KEY' WHEN 'UQ' THEN N'UNIQUE' WHEN 'F' THEN N'FOREIGN KEY' WHEN 'C' THEN N'CHECK' ELSE N'DEFAULT' END) AS constraint_type,
    o.name AS constraint_name, CONVERT(nvarchar(9), N'(n/a)') AS delete_action, CONVERT(nvarchar(9), N'(n/a)') AS update_action,
    CONVERT(varchar(8), '(n/a)') AS status_enabled, CONVERT(varchar(19), '(n/a)') AS status_for_replication,
    CONVERT(nvarchar(2126), OBJECT_DEFINITION(o.object_id)) AS constraint_keys
FROM sys.objects o WHERE o.parent_object_id = @id AND o.type IN ('PK', 'UQ', 'F', 'C', 'D') ORDER BY 1, 2
RETURN 0
