-- Keys, checks, defaults, foreign keys with their actions, identity, and the errors they give.
CREATE TABLE parent (id int NOT NULL CONSTRAINT PK_parent PRIMARY KEY, code char(3) NULL CONSTRAINT UQ_parent_code UNIQUE)
CREATE TABLE child (
    id int IDENTITY(5, 5) NOT NULL CONSTRAINT PK_child PRIMARY KEY,
    parent int NULL CONSTRAINT FK_child_parent REFERENCES parent (id) ON DELETE CASCADE,
    n int NULL CONSTRAINT CK_child_n CHECK (n BETWEEN 1 AND 9),
    made datetime NOT NULL CONSTRAINT DF_child_made DEFAULT ('2020-02-29T12:00:00')
)
INSERT INTO parent VALUES (1, 'abc'), (2, NULL)
GO
INSERT INTO child (parent, n) VALUES (1, 5), (NULL, NULL)
SELECT * FROM child ORDER BY id
SELECT SCOPE_IDENTITY() AS scope_, @@IDENTITY AS global_, IDENT_CURRENT('child') AS current_
GO
INSERT INTO child (parent, n) VALUES (7, 5)
GO
INSERT INTO child (parent, n) VALUES (1, 10)
GO
INSERT INTO parent VALUES (1, 'x')
GO
INSERT INTO parent VALUES (3, 'ABC')
GO
-- A second NULL is a duplicate in SQL Server's unique constraints.
INSERT INTO parent VALUES (3, NULL)
GO
INSERT INTO child (id, parent) VALUES (100, 1)
GO
SET IDENTITY_INSERT child ON
INSERT INTO child (id, parent) VALUES (100, 1)
SET IDENTITY_INSERT child OFF
INSERT INTO child (parent) VALUES (2)
SELECT id FROM child ORDER BY id
GO
DELETE FROM parent WHERE id = 1
SELECT id, parent FROM child ORDER BY id
GO
ALTER TABLE child DROP CONSTRAINT FK_child_parent
ALTER TABLE child ADD CONSTRAINT FK_again FOREIGN KEY (parent) REFERENCES parent (id)
GO
DELETE FROM parent WHERE id = 2
GO
ALTER TABLE child ADD extra varchar(5) NOT NULL CONSTRAINT DF_extra DEFAULT 'new'
GO
SELECT id, extra FROM child ORDER BY id
GO
ALTER TABLE child ALTER COLUMN extra nvarchar(20) NULL
GO
ALTER TABLE child DROP COLUMN extra
GO
ALTER TABLE child DROP CONSTRAINT DF_extra
ALTER TABLE child DROP COLUMN extra
GO
DROP TABLE parent
GO
DROP TABLE child, parent
GO
DROP TABLE parent
GO
