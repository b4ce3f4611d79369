-- INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE: columns that constraints use
CREATE VIEW "INFORMATION_SCHEMA"."CONSTRAINT_COLUMN_USAGE" AS
SELECT o.database AS _db, d.name::sys.nvarchar(128) AS "TABLE_CATALOG", ts.name::sys.nvarchar(128) AS "TABLE_SCHEMA", t.name::sys.nvarchar(128) AS "TABLE_NAME", c.name::sys.nvarchar(128) AS "COLUMN_NAME", d.name::sys.nvarchar(128) AS "CONSTRAINT_CATALOG", s.name::sys.nvarchar(128) AS "CONSTRAINT_SCHEMA", o.name::sys.nvarchar(128) AS "CONSTRAINT_NAME"
FROM casement.objects o JOIN casement.databases d ON d.id = o.database JOIN casement.schemas s ON s.database = o.database AND s.id = o.schema
JOIN casement.objects t ON t.id = o.parent JOIN casement.schemas ts ON ts.database = t.database AND ts.id = t.schema
JOIN casement.constraints n ON n.object = o.id
JOIN LATERAL (SELECT i.column_id FROM casement.index_columns i WHERE i.object = n.parent AND i.index = n.index AND n.index <> 0 AND i.key_ordinal > 0
              UNION ALL SELECT f.column_id FROM casement.constraint_columns f WHERE f.object = n.object) k ON true
JOIN casement.columns c ON c.object = n.parent AND c.id = k.column_id WHERE o.type IN ('PK', 'UQ', 'F', 'C');
