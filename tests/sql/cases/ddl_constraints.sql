-- Keys, foreign keys and checks: making, refusing, disabling, enabling.
-- mask: (DF|CK|PK|UQ|FK)__[A-Za-z_0-9]+
CREATE TABLE parent (id int NOT NULL CONSTRAINT pk_parent PRIMARY KEY, code varchar(5) NULL CONSTRAINT uq_code UNIQUE, plain int)
CREATE TABLE child (id int NOT NULL, pid int NULL CONSTRAINT fk_child REFERENCES parent, v int CONSTRAINT ck_v CHECK (v BETWEEN 1 AND 10 OR v IN (20, 30)))
INSERT parent VALUES (1, 'a', 1), (2, NULL, 2)
INSERT child VALUES (1, 1, 5)
GO
-- one NULL only in a UNIQUE column
INSERT parent VALUES (3, NULL, 3)
GO
INSERT child VALUES (2, 9, 5)
GO
INSERT child VALUES (2, 1, 11)
GO
DELETE parent WHERE id = 1
GO
DROP TABLE parent
GO
TRUNCATE TABLE parent
GO
ALTER TABLE parent DROP CONSTRAINT pk_parent
GO
ALTER TABLE child ADD CONSTRAINT fk_bad FOREIGN KEY (v) REFERENCES parent (plain)
GO
ALTER TABLE child ADD CONSTRAINT fk_bad FOREIGN KEY (nosuch) REFERENCES parent (id)
GO
ALTER TABLE child ADD CONSTRAINT fk_bad FOREIGN KEY (v) REFERENCES parent (nosuch)
GO
ALTER TABLE child ADD CONSTRAINT fk_bad FOREIGN KEY (v) REFERENCES nosuch (id)
GO
ALTER TABLE child ADD CONSTRAINT fk_bad FOREIGN KEY (v) REFERENCES parent (code)
GO
ALTER TABLE parent ADD CONSTRAINT pk_again PRIMARY KEY (id)
GO
ALTER TABLE child ADD CONSTRAINT pk_child PRIMARY KEY (pid)
GO
ALTER TABLE child ADD CONSTRAINT fk_child FOREIGN KEY (pid) REFERENCES parent (id)
GO
-- existing rows are looked at, unless told not to
ALTER TABLE child ADD CONSTRAINT ck_more CHECK (v > 5)
GO
ALTER TABLE child WITH NOCHECK ADD CONSTRAINT ck_more CHECK (v > 5)
SELECT name, is_not_trusted, is_disabled, definition FROM sys.check_constraints ORDER BY name
GO
INSERT child VALUES (3, 1, 4)
GO
ALTER TABLE child NOCHECK CONSTRAINT ALL
INSERT child VALUES (3, 77, 4)
SELECT name, is_disabled, is_not_trusted FROM sys.foreign_keys
ALTER TABLE child CHECK CONSTRAINT ALL
SELECT name, is_disabled, is_not_trusted FROM sys.foreign_keys
GO
INSERT child VALUES (4, 88, 6)
GO
ALTER TABLE child WITH CHECK CHECK CONSTRAINT fk_child
GO
DELETE child WHERE pid = 77
ALTER TABLE child WITH CHECK CHECK CONSTRAINT fk_child
SELECT name, is_not_trusted FROM sys.foreign_keys
GO
ALTER TABLE child CHECK CONSTRAINT nosuch
GO
-- cascades
CREATE TABLE a (id int PRIMARY KEY)
CREATE TABLE b (id int PRIMARY KEY, aid int REFERENCES a (id) ON DELETE CASCADE ON UPDATE CASCADE)
CREATE TABLE c (id int PRIMARY KEY, bid int CONSTRAINT df_bid DEFAULT (0) REFERENCES b (id) ON DELETE SET NULL)
INSERT a VALUES (1), (2)
INSERT b VALUES (10, 1), (20, 2)
INSERT c VALUES (100, 10), (200, 20)
UPDATE a SET id = 3 WHERE id = 2
DELETE a WHERE id = 1
SELECT * FROM b
SELECT * FROM c ORDER BY id
GO
CREATE TABLE d (id int PRIMARY KEY, aid int CONSTRAINT fk_da REFERENCES a (id) ON DELETE CASCADE, bid int CONSTRAINT fk_db REFERENCES b (id) ON DELETE CASCADE)
GO
CREATE TABLE self (id int PRIMARY KEY, up int CONSTRAINT fk_self REFERENCES self (id) ON DELETE CASCADE)
GO
SELECT f.name, OBJECT_NAME(f.parent_object_id) AS child, OBJECT_NAME(f.referenced_object_id) AS parent, f.delete_referential_action_desc, f.update_referential_action_desc, COL_NAME(k.parent_object_id, k.parent_column_id) AS col
FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id WHERE f.is_system_named = 0
GO
