-- Database instances (cloud/rds). Deleted ones stay as rows while they are in the recycle bin
-- (deleted_at set) and are removed with their folder and backups afterwards.
CREATE TABLE rds_instance (
    id                text PRIMARY KEY,
    project_id        text NOT NULL,
    name              text NOT NULL,
    alias             text NOT NULL DEFAULT '',
    status            text NOT NULL DEFAULT 'BUILD',
    slot              int UNIQUE,                 -- on its host; NULL once its folder is gone
    address           text NOT NULL DEFAULT '',   -- private address
    port              int NOT NULL DEFAULT 1433,
    flavor            text NOT NULL,              -- spec_code
    engine_version    text NOT NULL,              -- 2022_SE
    volume_type       text NOT NULL DEFAULT 'CLOUDSSD',
    volume_gb         int NOT NULL,
    "collation"       text NOT NULL DEFAULT 'SQL_Latin1_General_CP1_CI_AS',
    time_zone         text NOT NULL DEFAULT 'UTC',
    availability_zone text NOT NULL,
    region            text NOT NULL,
    vpc_id            text NOT NULL DEFAULT '',
    subnet_id         text NOT NULL DEFAULT '',
    security_group_id text NOT NULL DEFAULT '',
    enterprise_project_id text NOT NULL DEFAULT '0',
    disk_encryption_id text NOT NULL DEFAULT '',
    configuration_id  text NOT NULL DEFAULT '',
    parameters        jsonb NOT NULL DEFAULT '{}', -- in force, by sp_configure name
    restart_required  boolean NOT NULL DEFAULT false,
    backup_keep_days  int NOT NULL DEFAULT 7,
    backup_start_time text NOT NULL DEFAULT '01:00-02:00',
    backup_period     text NOT NULL DEFAULT '1,2,3,4,5,6,7',
    maintenance_start text NOT NULL DEFAULT '02:00',
    maintenance_end   text NOT NULL DEFAULT '06:00',
    auto_enlarge      jsonb NOT NULL DEFAULT '{"switch_option": false}',
    auto_upgrade      boolean NOT NULL DEFAULT false,
    tags              jsonb NOT NULL DEFAULT '[]', -- [{"key","value"}]
    manage_password   text,                       -- of rdsadmin, sealed
    backup_passphrase text,                       -- of its repository, sealed
    storage_used      bigint NOT NULL DEFAULT 0,
    storage_full      boolean NOT NULL DEFAULT false,
    created           timestamptz NOT NULL DEFAULT now(),
    updated           timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    retained_until    timestamptz
);
CREATE INDEX rds_instance_of_project ON rds_instance (project_id, created);
CREATE UNIQUE INDEX rds_instance_endpoint ON rds_instance (address, port) WHERE deleted_at IS NULL AND address <> '';
