-- DML in T-SQL's forms: FROM clauses, OUTPUT, TOP, DEFAULT, SELECT INTO, and the counts.
-- mask: (?<=PK__)\w+__\w{16}
CREATE TABLE target (id int NOT NULL PRIMARY KEY, v varchar(10) NULL, n int NOT NULL DEFAULT 7)
CREATE TABLE source (id int NOT NULL, v varchar(10) NULL)
INSERT source VALUES (1, 'x'), (2, 'y'), (9, 'z')
GO
INSERT INTO target (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c')
GO
INSERT target (id, v, n) OUTPUT inserted.id, inserted.n SELECT id + 10, v, DEFAULT_ FROM (SELECT id, v, 5 AS DEFAULT_ FROM source) AS s
GO
INSERT INTO target VALUES (4, DEFAULT, DEFAULT)
GO
UPDATE t SET v = s.v OUTPUT deleted.v AS old, inserted.v AS new FROM target AS t JOIN source AS s ON s.id = t.id
GO
UPDATE target SET n = n + 1, v = v + '!' WHERE id <= 2
GO
UPDATE TOP (1) target SET n = 100 WHERE id > 10
GO
DECLARE @x int
UPDATE target SET @x = n = n * 2 WHERE id = 1
SELECT @x AS x
GO
DELETE t FROM target t INNER JOIN source s ON s.id + 10 = t.id WHERE s.id = 9
GO
DELETE FROM target OUTPUT deleted.id WHERE id = 4
GO
SELECT id, v, n INTO copied FROM target WHERE id < 10
GO
SELECT * FROM copied ORDER BY id
GO
TRUNCATE TABLE copied
SELECT COUNT(*) AS n FROM copied
GO
INSERT INTO target (id, v) VALUES (1, 'again')
GO
INSERT INTO target (id, v) VALUES (20, 'much too long for it')
GO
INSERT INTO target (id, v, n) VALUES (21, 'n', NULL)
GO
INSERT INTO target (id) VALUES (22, 'x')
GO
INSERT INTO target (id, nope) VALUES (22, 'x')
GO
UPDATE target SET id = 2 WHERE id = 1
GO
SELECT * FROM target ORDER BY id
GO
