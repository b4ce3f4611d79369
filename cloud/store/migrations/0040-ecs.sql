-- Servers (cloud/ecs). What they are made of beside the guest itself, volumes and ports, are rows of those
-- services. slot gives the guest its unprivileged user.
CREATE TABLE ecs_server (
    id             text PRIMARY KEY,
    project_id     text NOT NULL,
    user_id        text NOT NULL,
    slot           int NOT NULL UNIQUE CHECK (slot BETWEEN 1 AND 60000),
    name           text NOT NULL,
    hostname       text NOT NULL DEFAULT '',
    description    text NOT NULL DEFAULT '',
    status         text NOT NULL DEFAULT 'BUILD',
    task_state     text NOT NULL DEFAULT '',
    fault          text NOT NULL DEFAULT '',
    flavor         text NOT NULL,
    image_id       text NOT NULL,
    image_name     text NOT NULL,
    os_type        text NOT NULL,
    firmware       text NOT NULL DEFAULT 'bios',
    secure_boot    boolean NOT NULL DEFAULT false,
    tpm            boolean NOT NULL DEFAULT false,
    vpc_id         text NOT NULL DEFAULT '',
    zone           text NOT NULL,
    key_name       text NOT NULL DEFAULT '',
    public_key     text NOT NULL DEFAULT '',
    admin_sealed   text NOT NULL DEFAULT '', -- until the ConfigDrive has it
    user_data      text NOT NULL DEFAULT '', -- base64
    encrypted_password text NOT NULL DEFAULT '', -- as the guest posted it: RSA, base64
    metadata       jsonb NOT NULL DEFAULT '{}',
    tags           jsonb NOT NULL DEFAULT '[]', -- [{"key", "value"}]
    addresses      text NOT NULL DEFAULT '', -- of its ports, with a space before and after each
    kept_ports     jsonb NOT NULL DEFAULT '[]', -- ids of ports that were there before it
    group_id       text NOT NULL DEFAULT '',
    reservation    text NOT NULL DEFAULT '',
    launch_index   int NOT NULL DEFAULT 0,
    restarted      timestamptz NOT NULL DEFAULT '-infinity', -- after a crash
    launched       timestamptz,
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ecs_server_of_project ON ecs_server (project_id, created DESC, id);

CREATE TABLE ecs_keypair (
    project_id     text NOT NULL,
    name           text NOT NULL,
    number         int GENERATED ALWAYS AS IDENTITY,
    user_id        text NOT NULL,
    type           text NOT NULL,
    public_key     text NOT NULL,
    fingerprint    text NOT NULL,
    description    text NOT NULL DEFAULT '',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, name)
);

CREATE TABLE ecs_server_group (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    name           text NOT NULL,
    policy         text NOT NULL,
    created        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ecs_server_group_of_project ON ecs_server_group (project_id, id);

-- Use, by the second: one row for each time that a server was on with a flavor. ended is NULL while it is.
CREATE TABLE ecs_usage (
    server_id      text NOT NULL,
    project_id     text NOT NULL,
    flavor         text NOT NULL,
    vcpus          int NOT NULL,
    memory_mb      int NOT NULL,
    began          timestamptz NOT NULL DEFAULT now(),
    ended          timestamptz
);
CREATE UNIQUE INDEX ecs_usage_open ON ecs_usage (server_id) WHERE ended IS NULL;
CREATE INDEX ecs_usage_of_project ON ecs_usage (project_id, began);

-- Links to consoles: the token's SHA-256. A row is deleted by its use.
CREATE TABLE ecs_console (
    token          text PRIMARY KEY,
    server_id      text NOT NULL REFERENCES ecs_server ON DELETE CASCADE,
    expires        timestamptz NOT NULL
);

-- A project's own limits; the others are those of ecs/quotas.def.
CREATE TABLE ecs_quota (
    project_id     text NOT NULL,
    name           text NOT NULL,
    quota          int NOT NULL,
    PRIMARY KEY (project_id, name)
);
