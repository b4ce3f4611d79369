-- Enters every view of sys and INFORMATION_SCHEMA into the catalogue, with the types of its columns
-- as PostgreSQL knows them: nothing has to be said twice.
CREATE FUNCTION casement.register_system_views() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    entry record;
    next_id int4 := -100;
    default_collation oid := (SELECT d.collation FROM casement.databases d WHERE d.id = 1);
BEGIN
    FOR entry IN
        SELECT c.oid, c.relname::text AS name, CASE n.nspname WHEN 'sys' THEN 4 ELSE 3 END AS schema
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('sys', 'INFORMATION_SCHEMA') AND c.relkind = 'v'
          AND NOT EXISTS (SELECT FROM casement.objects o WHERE o.relation = c.oid)
        ORDER BY n.nspname, c.relname
    LOOP
        SELECT least(min(id), -100) - 1 INTO next_id FROM casement.objects WHERE database = 0;
        next_id := coalesce(next_id, -101);
        INSERT INTO casement.objects (id, database, schema, name, key, type, relation, is_system)
        VALUES (next_id, 0, entry.schema, entry.name, casement.fold(entry.name), 'V', entry.oid, true);
        INSERT INTO casement.columns (object, id, attnum, name, key, system_type, user_type, max_length,
                                      "precision", scale, "collation", nullable)
        SELECT next_id, a.attnum, a.attnum, a.attname::text, casement.fold(a.attname::text), t.system_type,
               CASE WHEN t.name = 'nvarchar' AND a.atttypmod = 128 THEN 256 ELSE t.id END,
               CASE WHEN t.name IN ('nvarchar', 'nchar') AND a.atttypmod > 0 THEN a.atttypmod * 2
                    WHEN t.name IN ('varchar', 'char', 'varbinary', 'binary', 'nvarchar') THEN a.atttypmod
                    ELSE t.max_length END,
               CASE WHEN t.name = 'decimal' THEN a.atttypmod >> 8 ELSE t.precision END,
               CASE WHEN t.name = 'decimal' THEN a.atttypmod & 255 ELSE t.scale END,
               CASE WHEN t.collated THEN default_collation ELSE 0 END,
               a.attname <> '_db'
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_type p ON p.oid = a.atttypid
        JOIN casement.system_types t ON t.name = CASE p.typname::text
            WHEN 'bool' THEN 'bit' WHEN 'int2' THEN 'smallint' WHEN 'int4' THEN 'int' WHEN 'int8' THEN 'bigint'
            WHEN 'float4' THEN 'real' WHEN 'float8' THEN 'float' WHEN 'rowversion' THEN 'timestamp'
            ELSE p.typname::text END
        WHERE a.attrelid = entry.oid AND a.attnum > 0 AND NOT a.attisdropped;
        IF (SELECT count(*) FROM casement.columns WHERE object = next_id)
           <> (SELECT relnatts FROM pg_catalog.pg_class WHERE oid = entry.oid) THEN
            RAISE EXCEPTION 'a column of view % has a type that T-SQL does not know', entry.name;
        END IF;
    END LOOP;
END
$$;
SELECT casement.register_system_views();
GRANT SELECT ON ALL TABLES IN SCHEMA sys, "INFORMATION_SCHEMA" TO PUBLIC;
