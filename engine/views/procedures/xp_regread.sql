-- xp_regread: the registry that tools ask: empty
CREATE PROCEDURE sys.xp_regread @rootkey nvarchar(512) = NULL, @key nvarchar(512) = NULL, @value_name nvarchar(512) = NULL, @value nvarchar(512) = NULL OUTPUT, @no_output nvarchar(20) = NULL
AS
SET NOCOUNT ON
RETURN 0
