-- sys.dm_exec_connections: the connections of sessions
CREATE VIEW sys.dm_exec_connections AS
SELECT s.session_id AS session_id, s.session_id AS most_recent_session_id, casement.moment(s.connect_time) AS connect_time,
    'TCP'::sys.nvarchar(40) AS net_transport, 'TSQL'::sys.nvarchar(40) AS protocol_type, s.tds_version AS protocol_version, 4::int4 AS endpoint_id,
    (CASE WHEN s.encrypted THEN 'TRUE' ELSE 'FALSE' END)::sys.nvarchar(40) AS encrypt_option, 'SQL'::sys.nvarchar(40) AS auth_scheme, 0::int2 AS node_affinity,
    least(s.packets_received, 2147483647)::int4 AS num_reads, least(s.packets_sent, 2147483647)::int4 AS num_writes, casement.moment(s.last_read) AS last_read,
    casement.moment(s.last_write) AS last_write, s.packet_size AS net_packet_size, s.client_address::sys.varchar(48) AS client_net_address,
    s.client_port AS client_tcp_port, s.local_address::sys.varchar(48) AS local_net_address, s.local_port AS local_tcp_port,
    s.connection_id AS connection_id, NULL::sys.uniqueidentifier AS parent_connection_id, NULL::sys.varbinary(64) AS most_recent_sql_handle
FROM casement.sessions() s;
