-- sp_tableoption: table options: they mean nothing here
CREATE PROCEDURE sys.sp_tableoption @TableNamePattern nvarchar(776), @OptionName varchar(35), @OptionValue varchar(12)
AS
RETURN 0
