-- sys.extended_properties: sp_addextendedproperty
CREATE VIEW sys.extended_properties AS
SELECT e.database AS _db, e.class::sys.tinyint AS class,
    (CASE e.class WHEN 0 THEN 'DATABASE' WHEN 1 THEN 'OBJECT_OR_COLUMN' WHEN 2 THEN 'PARAMETER' WHEN 3 THEN 'SCHEMA' WHEN 6 THEN 'TYPE'
     WHEN 7 THEN 'INDEX' ELSE 'DATABASE_PRINCIPAL' END)::sys.nvarchar(60) AS class_desc,
    e.major AS major_id, e.minor AS minor_id, e.name::sys.nvarchar(128) AS name, e.value::sys.sql_variant AS value
FROM casement.extended_properties e;
