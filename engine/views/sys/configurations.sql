-- sys.configurations: sp_configure
CREATE VIEW sys.configurations AS
SELECT c.id AS configuration_id, c.name::sys.nvarchar(35) AS name, c.value::text::sys.sql_variant AS value,
    c.minimum::text::sys.sql_variant AS minimum, c.maximum::text::sys.sql_variant AS maximum,
    c.value_in_use::text::sys.sql_variant AS value_in_use, c.description::sys.nvarchar(255) AS description, c.is_dynamic, c.is_advanced
FROM casement.configurations c;
