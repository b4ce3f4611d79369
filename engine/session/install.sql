-- The role that all T-SQL sessions run as. It is no superuser; DDL is done for it, and it may use
-- whatever DDL made: who may do what among T-SQL's logins is decided by T-SQL's own permissions.
DO $$
DECLARE
    entry record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'casement_objects') THEN
        CREATE ROLE casement_objects NOLOGIN;
    END IF;
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO casement_objects', current_database());
    FOR entry IN SELECT DISTINCT n.nspname FROM casement.schemas s
                 JOIN pg_catalog.pg_namespace n ON n.oid = s.namespace
                 WHERE n.nspname NOT IN ('sys', 'INFORMATION_SCHEMA')
    LOOP
        EXECUTE format('GRANT ALL ON SCHEMA %I TO casement_objects', entry.nspname);
    END LOOP;
END
$$;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO casement_objects;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO casement_objects;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO casement_objects;
GRANT USAGE ON SCHEMA casement TO casement_objects;
GRANT SELECT ON ALL TABLES IN SCHEMA sys, "INFORMATION_SCHEMA" TO casement_objects;

CREATE FUNCTION casement.set_login_password(name pg_catalog.text, password pg_catalog.text)
    RETURNS void AS 'MODULE_PATHNAME', 'casement_set_login_password' LANGUAGE C STRICT;
CREATE FUNCTION casement.check_login_password(name pg_catalog.text, password pg_catalog.text)
    RETURNS bool AS 'MODULE_PATHNAME', 'casement_check_login_password' LANGUAGE C STRICT;
REVOKE ALL ON FUNCTION casement.set_login_password, casement.check_login_password FROM PUBLIC;

-- What the instance counted since its start (context/counters.def).
CREATE FUNCTION casement.counters(OUT object pg_catalog.text, OUT name pg_catalog.text, OUT value int8)
    RETURNS SETOF record AS 'MODULE_PATHNAME', 'casement_counters' LANGUAGE C;

-- Bytes that the data directory takes, the limit (0: none), whether it is passed.
CREATE FUNCTION casement.storage(OUT used int8, OUT allowed int8, OUT is_full bool)
    AS 'MODULE_PATHNAME', 'casement_storage' LANGUAGE C;

-- Every session there is, one row each, for the sys.dm_exec_* views: the columns of dm_exec.c.
CREATE FUNCTION casement.sessions(
    OUT session_id int4, OUT pid int4, OUT status pg_catalog.text, OUT connect_time timestamptz,
    OUT login_time timestamptz, OUT request_start timestamptz, OUT request_end timestamptz,
    OUT login_id int4, OUT login_name pg_catalog.text, OUT original_login pg_catalog.text,
    OUT host_name pg_catalog.text, OUT program_name pg_catalog.text,
    OUT client_interface pg_catalog.text, OUT client_pid int4, OUT tds_version int4,
    OUT encrypted bool, OUT packet_size int4, OUT client_address pg_catalog.text,
    OUT client_port int4, OUT local_address pg_catalog.text, OUT local_port int4,
    OUT connection_id sys.uniqueidentifier, OUT database_id int4, OUT command pg_catalog.text,
    OUT open_transactions int4, OUT isolation_level int4, OUT options int4, OUT lock_timeout int4,
    OUT row_count int8, OUT cpu_time int8, OUT elapsed_time int8, OUT reads int8, OUT writes int8,
    OUT logical_reads int8, OUT packets_received int8, OUT packets_sent int8,
    OUT last_read timestamptz, OUT last_write timestamptz, OUT previous_error int4,
    OUT blocked_by int4, OUT request_cpu_time int8, OUT request_elapsed_time int8,
    OUT request_reads int8, OUT request_writes int8, OUT request_logical_reads int8)
    RETURNS SETOF record AS 'MODULE_PATHNAME', 'casement_sessions' LANGUAGE C STABLE;
