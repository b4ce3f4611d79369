-- What a new instance has: the four system databases with their schemas, principals and roles,
-- and the server's settings. The tables themselves come from tables.def.
CREATE FUNCTION casement.fold(text) RETURNS text AS 'MODULE_PATHNAME', 'casement_fold'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
-- object_ids: ordinary objects upwards; temporary ones downwards
CREATE SEQUENCE casement.object_ids AS int START 245575913 INCREMENT 16 CYCLE MINVALUE 245575913;
CREATE SEQUENCE casement.temporary_ids AS int START -1000000007 INCREMENT -16 MINVALUE -2147483600 MAXVALUE -1000000007 CYCLE;
CREATE SEQUENCE casement.module_versions AS int8;

CREATE SCHEMA "INFORMATION_SCHEMA";
GRANT USAGE ON SCHEMA "INFORMATION_SCHEMA" TO PUBLIC;

INSERT INTO casement.databases (id, name, key, "collation", recovery_model, snapshot_isolation, trustworthy, db_chaining)
SELECT d.id, d.name, casement.fold(d.name),
       (SELECT oid FROM pg_catalog.pg_collation
        WHERE collname = 'SQL_Latin1_General_CP1_CI_AS' AND collnamespace = 'sys'::regnamespace),
       d.recovery, d.snapshot, d.trustworthy, d.chaining
FROM (VALUES (1, 'master', 3, true, false, true), (2, 'tempdb', 3, false, false, true),
             (3, 'model', 1, false, false, false), (4, 'msdb', 3, true, true, true))
     AS d(id, name, recovery, snapshot, trustworthy, chaining);

INSERT INTO casement.server_principals (id, name, key, type, sid, default_database, default_language, fixed_role, owner, disabled)
SELECT p.id, p.name, casement.fold(p.name), p.type, p.sid,
       CASE p.type WHEN 'S' THEN 'master' END, CASE p.type WHEN 'S' THEN 'us_english' END,
       p.type = 'R' AND p.id > 2, 1, false
FROM (VALUES (1, 'sa', 'S', '\x01'::bytea), (2, 'public', 'R', '\x02'), (3, 'sysadmin', 'R', '\x03'),
             (4, 'securityadmin', 'R', '\x04'), (5, 'serveradmin', 'R', '\x05'),
             (6, 'setupadmin', 'R', '\x06'), (7, 'processadmin', 'R', '\x07'),
             (8, 'diskadmin', 'R', '\x08'), (9, 'dbcreator', 'R', '\x09'),
             (10, 'bulkadmin', 'R', '\x0a')) AS p(id, name, type, sid);
INSERT INTO casement.role_members (database, role, member) VALUES (0, 3, 1);
INSERT INTO casement.permissions (database, class, major, minor, grantee, type, grantor, permission, state)
VALUES (0, 100, 0, 0, 1, 'COSQ', 1, 'CONNECT SQL', 'G'),
       (0, 100, 0, 0, 2, 'VWDB', 1, 'VIEW ANY DATABASE', 'G');

-- principals and schemas of every database; CREATE DATABASE copies those of model
INSERT INTO casement.database_principals (database, id, name, key, type, login, sid, default_schema, owner, fixed_role)
SELECT d.id, p.id, p.name, casement.fold(p.name), p.type, p.login, p.sid, p.default_schema,
       CASE p.type WHEN 'R' THEN 1 ELSE 0 END, p.id >= 16384
FROM casement.databases d,
     (VALUES (0, 'public', 'R', 0, '\x0105'::bytea, NULL), (1, 'dbo', 'S', 1, '\x01', 'dbo'),
             (2, 'guest', 'S', 0, '\x00', 'guest'), (3, 'INFORMATION_SCHEMA', 'S', 0, NULL, NULL),
             (4, 'sys', 'S', 0, NULL, NULL), (16384, 'db_owner', 'R', 0, NULL, NULL),
             (16385, 'db_accessadmin', 'R', 0, NULL, NULL), (16386, 'db_securityadmin', 'R', 0, NULL, NULL),
             (16387, 'db_ddladmin', 'R', 0, NULL, NULL), (16389, 'db_backupoperator', 'R', 0, NULL, NULL),
             (16390, 'db_datareader', 'R', 0, NULL, NULL), (16391, 'db_datawriter', 'R', 0, NULL, NULL),
             (16392, 'db_denydatareader', 'R', 0, NULL, NULL), (16393, 'db_denydatawriter', 'R', 0, NULL, NULL))
     AS p(id, name, type, login, sid, default_schema);
INSERT INTO casement.role_members (database, role, member) SELECT id, 16384, 1 FROM casement.databases;
INSERT INTO casement.permissions (database, class, major, minor, grantee, type, grantor, permission, state)
SELECT id, 0, 0, 0, 1, 'CO', 1, 'CONNECT', 'G' FROM casement.databases;

DO $$
DECLARE
    entry record;
    namespace oid;
BEGIN
    FOR entry IN
        SELECT d.id AS database, d.name AS database_name, p.id, p.name
        FROM casement.databases d JOIN casement.database_principals p ON p.database = d.id
        WHERE p.id <> 0
    LOOP
        namespace := CASE entry.id WHEN 3 THEN '"INFORMATION_SCHEMA"'::regnamespace
                                   WHEN 4 THEN 'sys'::regnamespace ELSE 0 END;
        IF entry.id IN (1, 2) THEN
            EXECUTE format('CREATE SCHEMA %I', entry.database_name || '.' || entry.name);
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC', entry.database_name || '.' || entry.name);
            SELECT oid INTO namespace FROM pg_catalog.pg_namespace
            WHERE nspname = entry.database_name || '.' || entry.name;
        END IF;
        INSERT INTO casement.schemas (database, id, name, key, owner, namespace)
        VALUES (entry.database, entry.id, entry.name, casement.fold(entry.name), entry.id, namespace);
    END LOOP;
END
$$;

INSERT INTO casement.configurations (id, name, value, minimum, maximum, value_in_use, description, is_dynamic, is_advanced)
VALUES (101, 'recovery interval (min)', 0, 0, 32767, 0, 'Maximum recovery interval in minutes', true, true),
       (102, 'allow updates', 0, 0, 1, 0, 'Allow updates to system tables', true, false),
       (103, 'user connections', 0, 0, 32767, 0, 'Number of user connections allowed', false, true),
       (115, 'nested triggers', 1, 0, 1, 1, 'Allow triggers to be invoked within triggers', true, false),
       (116, 'remote access', 1, 0, 1, 1, 'Allow remote access', false, false),
       (124, 'default language', 0, 0, 9999, 0, 'default language', true, false),
       (503, 'max worker threads', 0, 128, 65535, 0, 'Maximum worker threads', true, true),
       (505, 'network packet size (B)', 4096, 512, 32767, 4096, 'Network packet size', true, true),
       (518, 'show advanced options', 0, 0, 1, 0, 'show advanced options', true, false),
       (1126, 'default full-text language', 1033, 0, 2147483647, 1033, 'default full-text language', true, true),
       (1127, 'two digit year cutoff', 2049, 1753, 9999, 2049, 'two digit year cutoff', true, true),
       (1517, 'priority boost', 0, 0, 1, 0, 'Priority boost', false, true),
       (1520, 'remote login timeout (s)', 10, 0, 2147483647, 10, 'remote login timeout', true, false),
       (1531, 'cursor threshold', -1, -1, 2147483647, -1, 'cursor threshold', true, true),
       (1534, 'user options', 0, 0, 32767, 0, 'user options', true, false),
       (1536, 'max text repl size (B)', 65536, -1, 2147483647, 65536, 'Maximum size of a text field in replication.', true, false),
       (1538, 'cost threshold for parallelism', 5, 0, 32767, 5, 'cost threshold for parallelism', true, true),
       (1539, 'max degree of parallelism', 0, 0, 32767, 0, 'maximum degree of parallelism', true, true),
       (1540, 'min memory per query (KB)', 1024, 512, 2147483647, 1024, 'minimum memory per query (kBytes)', true, true),
       (1541, 'query wait (s)', -1, -1, 2147483647, -1, 'maximum time to wait for query memory (s)', true, true),
       (1543, 'min server memory (MB)', 0, 0, 2147483647, 0, 'Minimum size of server memory (MB)', true, true),
       (1544, 'max server memory (MB)', 2147483647, 128, 2147483647, 2147483647, 'Maximum size of server memory (MB)', true, true),
       (1557, 'query governor cost limit', 0, 0, 2147483647, 0, 'Maximum estimated cost allowed by query governor', true, true),
       (1562, 'clr enabled', 0, 0, 1, 0, 'CLR user code execution enabled in the server', true, false),
       (1576, 'remote admin connections', 0, 0, 1, 0, 'Dedicated Admin Connections are allowed from remote clients', true, false),
       (1579, 'backup compression default', 0, 0, 1, 0, 'Enable compression of backups by default', true, false),
       (1581, 'optimize for ad hoc workloads', 0, 0, 1, 0, 'When this option is set, plan cache size is further reduced for single-use adhoc OLTP workload.', true, true),
       (16384, 'Agent XPs', 0, 0, 1, 0, 'Enable or disable Agent XPs', true, true),
       (16386, 'Database Mail XPs', 0, 0, 1, 0, 'Enable or disable Database Mail XPs', true, true),
       (16388, 'Ole Automation Procedures', 0, 0, 1, 0, 'Enable or disable Ole Automation Procedures', true, true),
       (16390, 'xp_cmdshell', 0, 0, 1, 0, 'Enable or disable command shell', true, true),
       (16391, 'Ad Hoc Distributed Queries', 0, 0, 1, 0, 'Enable or disable Ad Hoc Distributed Queries', true, true),
       (16393, 'contained database authentication', 0, 0, 1, 0, 'Enables contained databases and contained authentication', true, false);
