-- sys.dm_os_host_info: the operating system
CREATE VIEW sys.dm_os_host_info AS
SELECT 'Linux'::sys.nvarchar(256) AS host_platform, 'Linux'::sys.nvarchar(256) AS host_distribution, ''::sys.nvarchar(256) AS host_release,
    ''::sys.nvarchar(256) AS host_service_pack_level, NULL::int4 AS host_sku, 0::int4 AS os_language_version, 'X64'::sys.nvarchar(256) AS host_architecture;
