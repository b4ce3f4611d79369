-- sp_recompile: plans are made anew by themselves
CREATE PROCEDURE sys.sp_recompile @objname nvarchar(776)
AS
RETURN 0
