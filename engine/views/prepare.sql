-- What the views share. Columns of the views have exact T-SQL types by casts; a first column _db is
-- the database a row belongs to (hidden: the binder compares it with the database asked; views
-- without it are of the whole instance).
CREATE FUNCTION casement.moment(timestamp) RETURNS sys.datetime LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.to_char($1, 'YYYYMMDD HH24:MI:SS.MS')::sys.datetime $$;

CREATE FUNCTION casement.moment(timestamptz) RETURNS sys.datetime LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.to_char($1, 'YYYYMMDD HH24:MI:SS.MS')::sys.datetime $$;

CREATE FUNCTION casement.collation_name(oid) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT collname::text FROM pg_catalog.pg_collation WHERE pg_collation.oid = $1 AND $1 <> 0 $$;

CREATE TABLE casement.object_types (type text COLLATE "C" PRIMARY KEY, description text NOT NULL);
INSERT INTO casement.object_types VALUES
    ('U', 'USER_TABLE'), ('V', 'VIEW'), ('P', 'SQL_STORED_PROCEDURE'), ('X', 'EXTENDED_STORED_PROCEDURE'),
    ('FN', 'SQL_SCALAR_FUNCTION'), ('IF', 'SQL_INLINE_TABLE_VALUED_FUNCTION'),
    ('TF', 'SQL_TABLE_VALUED_FUNCTION'), ('TR', 'SQL_TRIGGER'), ('SO', 'SEQUENCE_OBJECT'),
    ('SN', 'SYNONYM'), ('PK', 'PRIMARY_KEY_CONSTRAINT'), ('UQ', 'UNIQUE_CONSTRAINT'),
    ('F', 'FOREIGN_KEY_CONSTRAINT'), ('C', 'CHECK_CONSTRAINT'), ('D', 'DEFAULT_CONSTRAINT'),
    ('TT', 'TYPE_TABLE'), ('S', 'SYSTEM_TABLE');

-- system types: the rows of types.def that sys.types shows
CREATE TABLE casement.system_types (
    id int4 PRIMARY KEY, name text COLLATE "C" NOT NULL, system_type int2 NOT NULL, max_length int2 NOT NULL,
    "precision" int2 NOT NULL, scale int2 NOT NULL, collated bool NOT NULL);
INSERT INTO casement.system_types (name, system_type, id, max_length, "precision", scale, collated) VALUES
    ('image', 34, 34, 16, 0, 0, false), ('text', 35, 35, 16, 0, 0, true),
    ('uniqueidentifier', 36, 36, 16, 0, 0, false), ('date', 40, 40, 3, 10, 0, false),
    ('time', 41, 41, 5, 16, 7, false), ('datetime2', 42, 42, 8, 27, 7, false),
    ('datetimeoffset', 43, 43, 10, 34, 7, false), ('tinyint', 48, 48, 1, 3, 0, false),
    ('smallint', 52, 52, 2, 5, 0, false), ('int', 56, 56, 4, 10, 0, false),
    ('smalldatetime', 58, 58, 4, 16, 0, false), ('real', 59, 59, 4, 24, 0, false),
    ('money', 60, 60, 8, 19, 4, false), ('datetime', 61, 61, 8, 23, 3, false),
    ('float', 62, 62, 8, 53, 0, false), ('sql_variant', 98, 98, 8016, 0, 0, false),
    ('ntext', 99, 99, 16, 0, 0, true), ('bit', 104, 104, 1, 1, 0, false),
    ('decimal', 106, 106, 17, 38, 38, false), ('numeric', 108, 108, 17, 38, 38, false),
    ('smallmoney', 122, 122, 4, 10, 4, false), ('bigint', 127, 127, 8, 19, 0, false),
    ('varbinary', 165, 165, 8000, 0, 0, false), ('varchar', 167, 167, 8000, 0, 0, true),
    ('binary', 173, 173, 8000, 0, 0, false), ('char', 175, 175, 8000, 0, 0, true),
    ('timestamp', 189, 189, 8, 0, 0, false), ('nvarchar', 231, 231, 8000, 0, 0, true),
    ('nchar', 239, 239, 8000, 0, 0, true), ('xml', 241, 241, -1, 0, 0, false),
    ('sysname', 231, 256, 256, 0, 0, true);

-- sys.objects with the databases that see each row: system objects are in all of them
CREATE VIEW casement.objects_seen AS
SELECT d.id AS seen_from, o.*, t.description
FROM casement.objects o
JOIN casement.databases d ON o.database = d.id OR o.database = 0
JOIN casement.object_types t ON t.type = o.type
WHERE o.key NOT LIKE '@%';

CREATE FUNCTION casement.schema_name(int4, int4) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT name FROM casement.schemas WHERE database = $1 AND id = $2 $$;

-- characters a client can show: sys.columns.max_length of national types is in bytes
CREATE FUNCTION casement.character_length(int2, int4) RETURNS int4 LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN $1 IN (231, 239) AND $2 > 0 THEN $2 / 2 WHEN $1 = 99 THEN 1073741823
                      WHEN $1 IN (35, 34) THEN 2147483647 ELSE $2 END $$;

-- the name of a column's or parameter's base type
CREATE FUNCTION casement.type_name(int2, int4) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT name FROM casement.system_types WHERE system_type = $1
          ORDER BY id <> $2, id LIMIT 1 $$;

CREATE FUNCTION casement.messages(OUT message_id int4, OUT severity int4, OUT text pg_catalog.text)
    RETURNS SETOF record AS 'MODULE_PATHNAME', 'casement_messages' LANGUAGE C IMMUTABLE STRICT;

-- enters a system procedure into the catalogue
CREATE FUNCTION casement.register_procedure(name text, definition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    new_id int4;
BEGIN
    SELECT least(min(o.id), -100) - 1 INTO new_id FROM casement.objects o WHERE o.database = 0;
    INSERT INTO casement.objects (id, database, schema, name, key, type, is_system)
    VALUES (new_id, 0, 4, $1, casement.fold($1), 'P', true);
    INSERT INTO casement.modules (object, number, definition, quoted_identifier, ansi_nulls, version)
    VALUES (new_id, 1, $2, true, true, nextval('casement.module_versions'));
END
$$;

-- functions called from views run as the session's role
GRANT SELECT ON casement.system_types, casement.schemas TO PUBLIC;

-- a number of a system type (system_type_id) as sql_variant
CREATE FUNCTION casement.variant(int8, int2) RETURNS sys.sql_variant
    AS 'MODULE_PATHNAME', 'casement_variant' LANGUAGE C IMMUTABLE STRICT;
CREATE FUNCTION casement.variant(int4) RETURNS sys.sql_variant LANGUAGE sql IMMUTABLE
    AS $$ SELECT casement.variant($1::int8, 56::int2) $$;
