-- What the operations on database instances (cloud/rds) keep beyond the instance itself.
ALTER TABLE rds_instance
    ADD public_ip         text NOT NULL DEFAULT '',
    ADD recycle_backup_id text NOT NULL DEFAULT '',  -- names the instance in the recycle bin
    ADD start_attempts    int NOT NULL DEFAULT 0,    -- of the monitor, in a row, without success
    ADD next_start        timestamptz,               -- not before; NULL: at once
    ADD ready_ms          int NOT NULL DEFAULT 0,    -- from the request to ACTIVE
    ADD backup_used       bigint NOT NULL DEFAULT 0; -- bytes of its backups
CREATE INDEX rds_instance_recycled ON rds_instance (project_id, deleted_at) WHERE deleted_at IS NOT NULL;
-- A project's limits and its recycle bin; a project without a row has the defaults.
CREATE TABLE rds_project (
    project_id      text PRIMARY KEY,
    recycle_days    int NOT NULL DEFAULT 7 CHECK (recycle_days BETWEEN 1 AND 7),
    quota_instances int NOT NULL DEFAULT 200,
    quota_vcpus     int NOT NULL DEFAULT 1000,
    quota_volume_gb int NOT NULL DEFAULT 200000
);
