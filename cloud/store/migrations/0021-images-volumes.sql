-- Images (cloud/ims) and volumes (cloud/evs) of servers. Their files are <data>/images/<id>.qcow2 and
-- <data>/volumes/<id>.qcow2 on the host (cloud/disk); a row that is there says what its file should be.
CREATE TABLE ims_image (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    name           text NOT NULL DEFAULT '',
    visibility     text NOT NULL DEFAULT 'private' CHECK (visibility IN ('public', 'private', 'shared')),
    -- killed: its file was refused; queued: none was sent yet
    status         text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'saving', 'active', 'killed', 'deleted')),
    os_type        text NOT NULL DEFAULT 'Linux',
    os_version     text NOT NULL DEFAULT '',
    disk_format    text NOT NULL DEFAULT '',   -- of what was sent; '' until it is known
    container_format text NOT NULL DEFAULT 'bare',
    image_type     text NOT NULL DEFAULT 'private', -- __imagetype: gold, private, shared
    data_image     boolean NOT NULL DEFAULT false,  -- of a data disk: no server boots from it
    min_disk_gb    int NOT NULL DEFAULT 0,
    min_ram_mb     int NOT NULL DEFAULT 0,
    max_ram_mb     int NOT NULL DEFAULT 0,
    virtual_bytes  bigint NOT NULL DEFAULT 0,
    file_bytes     bigint NOT NULL DEFAULT 0,
    md5            text NOT NULL DEFAULT '',
    sha512         text NOT NULL DEFAULT '',
    properties     jsonb NOT NULL DEFAULT '{}', -- name: text
    tags           jsonb NOT NULL DEFAULT '[]', -- {"key", "value"}
    protected      boolean NOT NULL DEFAULT false,
    enterprise_project_id text NOT NULL DEFAULT '0',
    fail_reason    text NOT NULL DEFAULT '',
    upload         text NOT NULL DEFAULT '',    -- the request that sends its file now
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now(),
    active         timestamptz
);
CREATE INDEX ims_image_of_project ON ims_image (project_id, created DESC, id);
CREATE INDEX ims_image_public ON ims_image (created DESC, id) WHERE visibility = 'public';

CREATE TABLE ims_member (
    image_id       text NOT NULL REFERENCES ims_image ON DELETE CASCADE,
    project_id     text NOT NULL,
    status         text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'rejected')),
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (image_id, project_id)
);
CREATE INDEX ims_member_of_project ON ims_member (project_id, image_id);

CREATE SEQUENCE evs_attachment;

CREATE TABLE evs_volume (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    name           text NOT NULL DEFAULT '',
    description    text NOT NULL DEFAULT '',
    size_gb        int NOT NULL CHECK (size_gb > 0),
    type           text NOT NULL,
    zone           text NOT NULL,
    status         text NOT NULL DEFAULT 'creating',
    bootable       boolean NOT NULL DEFAULT false,
    image_id       text NOT NULL DEFAULT '',
    image_meta     jsonb NOT NULL DEFAULT '{}', -- the image's properties when it was made
    snapshot_id    text NOT NULL DEFAULT '',
    source_id      text NOT NULL DEFAULT '',    -- the snapshot's volume
    server_id      text NOT NULL DEFAULT '',
    device         text NOT NULL DEFAULT '',
    attachment_id  text NOT NULL DEFAULT '',
    attachment     bigint NOT NULL DEFAULT 0,   -- the order of attachments
    attached       timestamptz,
    delete_on_termination boolean NOT NULL DEFAULT false,
    metadata       jsonb NOT NULL DEFAULT '{}',
    tags           jsonb NOT NULL DEFAULT '{}', -- key: value
    enterprise_project_id text NOT NULL DEFAULT '0',
    fail_reason    text NOT NULL DEFAULT '',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX evs_volume_of_project ON evs_volume (project_id, created DESC, id);
CREATE INDEX evs_volume_of_server ON evs_volume (server_id, attachment) WHERE server_id <> '';

CREATE TABLE evs_snapshot (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    volume_id      text NOT NULL REFERENCES evs_volume,
    name           text NOT NULL DEFAULT '',
    description    text NOT NULL DEFAULT '',
    size_gb        int NOT NULL,
    status         text NOT NULL DEFAULT 'creating',
    metadata       jsonb NOT NULL DEFAULT '{}',
    fail_reason    text NOT NULL DEFAULT '',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX evs_snapshot_of_volume ON evs_snapshot (volume_id, created);
CREATE INDEX evs_snapshot_of_project ON evs_snapshot (project_id, created DESC, id);

-- Other quotas than quotas.def's.
CREATE TABLE disk_quota (
    project_id     text NOT NULL,
    type           text NOT NULL,
    quota          int NOT NULL,
    PRIMARY KEY (project_id, type)
);
