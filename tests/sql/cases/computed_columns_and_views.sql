-- Computed columns (virtual and persisted), views, views over views, ALTER and DROP.
CREATE TABLE boxes (id int NOT NULL PRIMARY KEY, w int NOT NULL, h int NOT NULL, area AS (w * h), name AS ('box ' + CAST(id AS varchar(10))) PERSISTED)
INSERT INTO boxes (id, w, h) VALUES (1, 2, 3), (2, 4, 5)
SELECT * FROM boxes ORDER BY id
GO
UPDATE boxes SET w = 10 WHERE id = 1
SELECT area, name FROM boxes WHERE area > 20 ORDER BY id
GO
INSERT INTO boxes (id, w, h, area) VALUES (3, 1, 1, 1)
GO
CREATE VIEW wide AS SELECT id, w, area FROM boxes WHERE w > 3
GO
CREATE VIEW widest (number, size) AS SELECT TOP (1) id, area FROM wide ORDER BY area DESC
GO
SELECT * FROM widest
SELECT * FROM wide ORDER BY id
GO
UPDATE wide SET w = 5 WHERE id = 2
SELECT w, area FROM boxes WHERE id = 2
GO
ALTER VIEW wide AS SELECT id, w FROM boxes WHERE w >= 5
GO
SELECT * FROM wide ORDER BY id
GO
CREATE VIEW wide AS SELECT 1 AS one
GO
CREATE VIEW ordered AS SELECT id FROM boxes ORDER BY id
GO
CREATE VIEW unnamed AS SELECT w + 1 FROM boxes
GO
DROP VIEW widest
DROP VIEW widest
GO
