-- mask: PK__@t__[0-9A-F]+
-- Table variables keep their rows through ROLLBACK; statements that fail are undone.
DECLARE @t TABLE (id int NOT NULL PRIMARY KEY, v varchar(10) NULL DEFAULT 'd')
INSERT INTO @t (id) VALUES (1)
BEGIN TRAN
INSERT INTO @t VALUES (2, 'kept')
update @t set v = 'new' where id = 1
declare @u table (x int identity, y nvarchar(max))
insert into @u (y) values ((select string_agg(convert(varchar(max), newid()), '') from generate_series(1, 1000))), ('s')
ROLLBACK
SELECT * FROM @t ORDER BY id
SELECT x, len(y) as l FROM @u
insert into @t values (2, 'dup')
insert into @t values (3, 'ok')
select count(*) as c from @t
GO
