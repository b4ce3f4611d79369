-- sys.servers: this server
CREATE VIEW sys.servers AS
SELECT 0::int4 AS server_id, current_setting('cluster_name')::sys.nvarchar(128) AS name, 'SQL Server'::sys.nvarchar(128) AS product, 'SQLNCLI'::sys.nvarchar(128) AS provider,
    NULL::sys.nvarchar(4000) AS data_source, false AS is_linked, false AS is_remote_login_enabled, false AS is_rpc_out_enabled, true AS is_data_access_enabled;
