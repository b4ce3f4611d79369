-- The extension's two schemas: sys holds what T-SQL can see (types, operators, functions, views),
-- casement the catalogue and what only the engine and the daemon call.
CREATE SCHEMA sys;
CREATE SCHEMA casement;
GRANT USAGE ON SCHEMA sys TO PUBLIC;
