-- sys.configurations: sp_configure
CREATE VIEW sys.configurations AS
SELECT c.id AS configuration_id, c.name::sys.nvarchar(35) AS name, casement.variant(c.value) AS value,
    casement.variant(c.minimum) AS minimum, casement.variant(c.maximum) AS maximum,
    casement.variant(c.value_in_use) AS value_in_use, c.description::sys.nvarchar(255) AS description, c.is_dynamic, c.is_advanced
FROM casement.configurations c;
