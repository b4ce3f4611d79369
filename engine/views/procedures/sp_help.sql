-- sp_help: what an object is
CREATE PROCEDURE sys.sp_help @objname nvarchar(776) = NULL
AS
SET NOCOUNT ON
IF @objname IS NULL
BEGIN
    SELECT o.name AS Name, SCHEMA_NAME(o.schema_id) AS Owner, o.type_desc AS Object_type FROM sys.all_objects o WHERE o.parent_object_id = 0 ORDER BY 2, 3 DESC, 1
    RETURN 0
END
DECLARE @id int, @db sysname
SET @id = OBJECT_ID(@objname)
SET @db = DB_NAME()
IF @id IS NULL
BEGIN
    IF TYPE_ID(@objname) IS NOT NULL
    BEGIN
        SELECT t.name AS Type_name, TYPE_NAME(t.system_type_id) AS Storage_type, t.max_length AS Length, CONVERT(int, t.precision) AS Prec, CONVERT(int, t.scale) AS Scale,
            CASE WHEN t.is_nullable = 1 THEN 'yes' ELSE 'no' END AS Nullable, 'none' AS Default_name, 'none' AS Rule_name, t.collation_name AS Collation
        FROM sys.types t WHERE t.user_type_id = TYPE_ID(@objname)
        RETURN 0
    END
    RAISERROR(15009, -1, -1, @objname, @db)
    RETURN 1
END
SELECT o.name AS Name, SCHEMA_NAME(o.schema_id) AS Owner,
    CONVERT(nvarchar(31), CASE o.type WHEN 'U' THEN 'user table' WHEN 'V' THEN 'view' WHEN 'P' THEN 'stored procedure' WHEN 'FN' THEN 'scalar function'
        WHEN 'IF' THEN 'inline function' WHEN 'TF' THEN 'table function' WHEN 'TR' THEN 'trigger' ELSE LOWER(REPLACE(o.type_desc, '_', ' ')) END) AS Type,
    o.create_date AS Created_datetime
FROM sys.all_objects o WHERE o.object_id = @id
IF EXISTS (SELECT * FROM sys.all_columns WHERE object_id = @id)
BEGIN
    SELECT c.name AS Column_name, TYPE_NAME(c.user_type_id) AS Type, CASE WHEN c.is_computed = 1 THEN 'yes' ELSE 'no' END AS Computed,
        CONVERT(int, c.max_length) AS Length, CASE WHEN c.precision > 0 THEN CONVERT(char(5), c.precision) ELSE '     ' END AS Prec,
        CASE WHEN c.precision > 0 THEN CONVERT(char(5), c.scale) ELSE '     ' END AS Scale, CASE WHEN c.is_nullable = 1 THEN 'yes' ELSE 'no' END AS Nullable,
        CASE WHEN c.collation_name IS NULL THEN '(n/a)' ELSE 'no' END AS TrimTrailingBlanks,
        CASE WHEN c.collation_name IS NULL THEN '(n/a)' WHEN c.is_nullable = 1 THEN 'yes' ELSE 'no' END AS FixedLenNullInSource, c.collation_name AS Collation
    FROM sys.all_columns c WHERE c.object_id = @id ORDER BY c.column_id
    IF EXISTS (SELECT * FROM sys.all_columns WHERE object_id = @id AND is_identity = 1)
        SELECT c.name AS [Identity], IDENT_SEED(@objname) AS Seed, IDENT_INCR(@objname) AS Increment, CONVERT(int, 0) AS [Not For Replication]
        FROM sys.all_columns c WHERE c.object_id = @id AND c.is_identity = 1
    ELSE
        SELECT N'No identity column defined.' AS [Identity], CONVERT(int, NULL) AS Seed, CONVERT(int, NULL) AS Increment, CONVERT(int, NULL) AS [Not For Replication]
END
IF EXISTS (SELECT * FROM sys.all_parameters WHERE object_id = @id)
    SELECT p.name AS Parameter_name, TYPE_NAME(p.user_type_id) AS Type, p.max_length AS Length, CONVERT(int, p.precision) AS Prec, CONVERT(int, p.scale) AS Scale,
        p.parameter_id AS Param_order, CONVERT(sysname, NULL) AS Collation
    FROM sys.all_parameters p WHERE p.object_id = @id ORDER BY p.parameter_id
IF EXISTS (SELECT * FROM sys.objects WHERE object_id = @id AND type = 'U')
BEGIN
    EXEC sys.sp_helpindex @objname
    EXEC sys.sp_helpconstraint @objname, 'nomsg'
END
RETURN 0
