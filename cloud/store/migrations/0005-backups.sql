-- Backups (cloud/rds). A project's key seals nothing itself: the passphrases of its instances'
-- repositories are derived from it, so that a repository without the store tells nothing.
CREATE TABLE rds_project_key (
    project_id text PRIMARY KEY,
    sealed     text NOT NULL,                      -- under the master key
    created    timestamptz NOT NULL DEFAULT now()
);
-- An instance's repository. A stanza is one line of archived WAL; an instance that was replaced by
-- another one's cluster begins a new stanza, since names of WAL files would meet otherwise.
CREATE TABLE rds_repository (
    instance_id    text PRIMARY KEY,
    project_id     text NOT NULL,
    generation     int NOT NULL DEFAULT 1,         -- names the stanza
    stanza_made    boolean NOT NULL DEFAULT false,
    wants_backup   boolean NOT NULL DEFAULT true,  -- a full one is due, whatever the policy's hour
    closed         boolean NOT NULL DEFAULT false, -- its instance is deleted
    not_before     timestamptz NOT NULL DEFAULT now(),
    bytes          bigint NOT NULL DEFAULT 0,
    archive_from   timestamptz NOT NULL DEFAULT '-infinity', -- WAL is kept from here on
    verified_at    timestamptz,
    verify_result  text NOT NULL DEFAULT '',       -- '', 'ok' or 'damaged'
    verify_message text NOT NULL DEFAULT ''
);
-- Which line of history an instance was on from when: restored in place, it begins a new one at
-- `began` with what it had been at `branch`.
CREATE TABLE rds_timeline (
    instance_id text NOT NULL REFERENCES rds_repository ON DELETE CASCADE,
    generation  int NOT NULL,
    timeline    int NOT NULL,
    parent      int,
    branch      timestamptz,
    began       timestamptz NOT NULL,
    PRIMARY KEY (instance_id, generation, timeline)
);
CREATE TABLE rds_backup (
    id             text PRIMARY KEY,
    instance_id    text NOT NULL,
    project_id     text NOT NULL,
    name           text NOT NULL,
    description    text NOT NULL DEFAULT '',
    type           text NOT NULL CHECK (type IN ('auto', 'manual')),
    status         text NOT NULL DEFAULT 'BUILDING'
                   CHECK (status IN ('BUILDING', 'COMPLETED', 'FAILED', 'DELETING', 'DELETED')),
    databases      jsonb NOT NULL DEFAULT '[]',
    engine_version text NOT NULL,
    volume_gb      int NOT NULL,
    job_id         text NOT NULL DEFAULT '',
    generation     int NOT NULL DEFAULT 1,
    timeline       int NOT NULL DEFAULT 1,
    label          text NOT NULL DEFAULT '',       -- pgBackRest's
    begun          timestamptz NOT NULL DEFAULT now(),
    ended          timestamptz,
    consistent     timestamptz,                    -- moments from here on can be restored
    size           bigint NOT NULL DEFAULT 0,      -- bytes of the databases
    stored         bigint NOT NULL DEFAULT 0,      -- bytes in the repository
    problem        text NOT NULL DEFAULT ''
);
CREATE INDEX rds_backup_of_project ON rds_backup (project_id, begun DESC);
CREATE INDEX rds_backup_of_instance ON rds_backup (instance_id, begun DESC);
