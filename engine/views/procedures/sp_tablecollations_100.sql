-- sp_tablecollations_100: the collations of a table's columns, which drivers ask for before a bulk load
CREATE PROCEDURE sys.sp_tablecollations_100 @object nvarchar(4000)
AS
SET NOCOUNT ON
    SELECT c.column_id AS colid, c.name AS name,
        CASE WHEN c.collation_name IS NOT NULL THEN CONVERT(binary(5), 0x0904D00034) END AS tds_collation,
        c.collation_name AS collation
    FROM sys.all_columns c WHERE c.object_id = OBJECT_ID(@object) ORDER BY c.column_id
