-- IGNORE_DUP_KEY: INSERT leaves rows out, UPDATE does not; WITH CHECK OPTION where it cannot be kept.
CREATE TABLE k (id int NOT NULL, name varchar(10) NULL, CONSTRAINT pk_k PRIMARY KEY (id) WITH (IGNORE_DUP_KEY = ON))
GO
INSERT INTO k VALUES (1, 'one')
INSERT INTO k VALUES (1, 'again')
SELECT @@ROWCOUNT AS inserted
INSERT INTO k VALUES (2, 'two'), (2, 'twice'), (3, 'three')
INSERT INTO k (id, name) OUTPUT inserted.id SELECT v, 'x' FROM (VALUES (3), (4)) AS s (v)
GO
SELECT * FROM k ORDER BY id
GO
UPDATE k SET id = 1 WHERE id = 2
GO
-- another unique index is as strict as ever
CREATE UNIQUE INDEX strict_name ON k (name) WHERE name IS NOT NULL
GO
CREATE TABLE two (a int NOT NULL, b int NOT NULL CONSTRAINT strict_b UNIQUE)
CREATE UNIQUE INDEX loose_a ON two (a) WITH (IGNORE_DUP_KEY = ON)
INSERT INTO two VALUES (1, 1)
INSERT INTO two VALUES (1, 2)
INSERT INTO two VALUES (2, 1)
GO
SELECT * FROM two
GO
ALTER INDEX loose_a ON two SET (IGNORE_DUP_KEY = OFF)
INSERT INTO two VALUES (1, 3)
GO
CREATE VIEW base_view AS SELECT a, b FROM two WHERE a < 10
GO
CREATE VIEW checked_view AS SELECT a, b FROM base_view WHERE b < 10 WITH CHECK OPTION
GO
UPDATE checked_view SET b = 50
GO
