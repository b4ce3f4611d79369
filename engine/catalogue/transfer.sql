-- A T-SQL database moved between clusters: its rows of the catalogue as one JSON document, with
-- names in place of the numbers that only the source has (relations, namespaces, collations,
-- logins), and back, with object ids of the target. Tables and data move beside it, by
-- PostgreSQL's own means, before casement.import_database. For administrators of the cluster only.
CREATE TABLE casement.transferred (name text PRIMARY KEY, filter text NOT NULL, objects text[] NOT NULL);
INSERT INTO casement.transferred
SELECT name, coalesce(filter, 'object IN (SELECT id FROM casement.objects WHERE database = $1 AND session = 0)'),
       coalesce(objects, '{object}')
FROM (VALUES ('databases', 'id = $1', '{}'::text[]), ('schemas', 'database = $1', '{}'),
             ('objects', 'database = $1 AND session = 0', '{id,parent}'),
             ('columns', NULL, '{object,default_object}'), ('types', 'database = $1', '{table_object}'),
             ('modules', NULL, NULL), ('parameters', NULL, NULL),
             ('database_principals', 'database = $1', '{}'), ('role_members', 'database = $1', '{}'),
             ('permissions', 'database = $1', '{}'), ('indexes', NULL, '{object,constraint_object}'),
             ('index_columns', NULL, NULL), ('constraints', NULL, '{object,parent,referenced}'),
             ('constraint_columns', NULL, NULL), ('triggers', NULL, '{object,parent}'),
             ('extended_properties', 'database = $1', '{}'), ('sequences', NULL, NULL),
             ('synonyms', NULL, NULL), ('statistics', NULL, NULL)) AS t(name, filter, objects);

CREATE FUNCTION casement.export_database(database_name text) RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    number int;
    entry record;
    content jsonb;
    document jsonb := '{}';
BEGIN
    SELECT id INTO STRICT number FROM casement.databases WHERE key = casement.fold(database_name);
    FOR entry IN SELECT name, filter FROM casement.transferred LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(r)), ''[]'') FROM casement.%I r WHERE %s',
                       entry.name, entry.filter) INTO content USING number;
        document := document || jsonb_build_object(entry.name, content);
    END LOOP;
    RETURN document || jsonb_build_object(
        'names of relations', (SELECT coalesce(jsonb_object_agg(c.oid, jsonb_build_array(n.nspname, c.relname)), '{}')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.oid IN (SELECT namespace FROM casement.schemas WHERE database = number AND id NOT IN (3, 4))),
        'names of namespaces', (SELECT coalesce(jsonb_object_agg(n.oid, n.nspname), '{}')
            FROM pg_namespace n JOIN casement.schemas s ON s.namespace = n.oid WHERE s.database = number),
        'names of collations', (SELECT jsonb_object_agg(oid, collname) FROM pg_collation
            WHERE collnamespace = 'sys'::regnamespace),
        'names of logins', (SELECT jsonb_object_agg(id, key) FROM casement.server_principals));
END
$$;

-- The row's number in a column becomes the target's. What a login or relation is not known here is 0.
CREATE FUNCTION casement.import_row(entry casement.transferred, line jsonb, document jsonb, ids jsonb,
                                    number int) RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    field text;
    names jsonb;
BEGIN
    FOREACH field IN ARRAY entry.objects LOOP
        line := jsonb_set(line, ARRAY[field], coalesce(ids -> (line ->> field), line -> field));
    END LOOP;
    IF line ? 'database' THEN
        line := line || jsonb_build_object('database', number);
    END IF;
    IF entry.name IN ('permissions', 'extended_properties') AND line ->> 'class' = '1' THEN
        line := line || jsonb_build_object('major', coalesce(ids -> (line ->> 'major'), line -> 'major'));
    END IF;
    IF coalesce(line ->> 'relation', '0') <> '0' THEN
        names := document -> 'names of relations' -> (line ->> 'relation');
        line := line || jsonb_build_object('relation', coalesce((SELECT c.oid FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = names ->> 0 AND c.relname = names ->> 1), 0));
    END IF;
    IF coalesce(line ->> 'namespace', '0') <> '0' THEN
        line := line || jsonb_build_object('namespace', coalesce((SELECT oid FROM pg_namespace
            WHERE nspname = document -> 'names of namespaces' ->> (line ->> 'namespace')), 0));
    END IF;
    IF coalesce(line ->> 'collation', '0') <> '0' THEN
        line := line || jsonb_build_object('collation', coalesce((SELECT oid FROM pg_collation
            WHERE collnamespace = 'sys'::regnamespace
              AND collname = document -> 'names of collations' ->> (line ->> 'collation')), 0));
    END IF;
    IF entry.name = 'database_principals' AND line ->> 'login' <> '0' THEN
        line := line || jsonb_build_object('login', coalesce((SELECT id FROM casement.server_principals
            WHERE key = document -> 'names of logins' ->> (line ->> 'login')), 0));
    END IF;
    IF entry.name = 'databases' THEN
        line := line || jsonb_build_object('id', number, 'owner', coalesce((SELECT id
            FROM casement.server_principals
            WHERE key = document -> 'names of logins' ->> (line ->> 'owner')), 1));
    END IF;
    IF entry.name = 'modules' THEN
        line := line || jsonb_build_object('version', nextval('casement.module_versions'));
    END IF;
    RETURN line;
END
$$;

CREATE FUNCTION casement.import_database(document jsonb) RETURNS int LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    number int;
    fresh int;
    entry casement.transferred;
    line jsonb;
    ids jsonb := '{}';
BEGIN
    LOCK TABLE casement.databases IN SHARE ROW EXCLUSIVE MODE;
    SELECT min(candidate) INTO number FROM generate_series(5, 32767) candidate
    WHERE NOT EXISTS (SELECT 1 FROM casement.databases WHERE id = candidate);
    FOR line IN SELECT jsonb_array_elements(document -> 'objects') LOOP
        LOOP
            fresh := nextval('casement.object_ids');
            EXIT WHEN NOT EXISTS (SELECT 1 FROM casement.objects WHERE id = fresh);
        END LOOP;
        ids := ids || jsonb_build_object(line ->> 'id', fresh);
    END LOOP;
    FOR entry IN SELECT * FROM casement.transferred LOOP
        FOR line IN SELECT jsonb_array_elements(document -> entry.name) LOOP
            EXECUTE format('INSERT INTO casement.%I SELECT (jsonb_populate_record(NULL::casement.%I, $1)).*',
                           entry.name, entry.name)
                USING casement.import_row(entry, line, document, ids, number);
        END LOOP;
    END LOOP;
    -- Tells every session that the catalogue has changed.
    ALTER TABLE casement.objects RESET (fillfactor);
    RETURN number;
END
$$;
REVOKE ALL ON casement.transferred FROM PUBLIC;
REVOKE ALL ON FUNCTION casement.export_database, casement.import_row, casement.import_database FROM PUBLIC;
