-- sp_statistics_100: ODBC SQLStatistics of SQL Server 2008 and later, which asks for the same
CREATE PROCEDURE sys.sp_statistics_100 @table_name sysname, @table_owner sysname = NULL, @table_qualifier sysname = NULL,
    @index_name sysname = '%', @is_unique char(1) = 'N', @accuracy char(1) = 'Q'
AS
SET NOCOUNT ON
EXEC sys.sp_statistics @table_name, @table_owner, @table_qualifier, @index_name, @is_unique, @accuracy
