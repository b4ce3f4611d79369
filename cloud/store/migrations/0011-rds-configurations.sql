-- Parameter templates that tenants make (cloud/rds/configurations.c); the default ones, one a
-- version, are not stored. `parameter_values` has what differs from the defaults, by name.
CREATE TABLE rds_configuration (
    id               text PRIMARY KEY,
    project_id       text NOT NULL,
    name             text NOT NULL,
    description      text NOT NULL DEFAULT '',
    engine_version   text NOT NULL,             -- 2022_SE
    parameter_values jsonb NOT NULL DEFAULT '{}',
    created          timestamptz NOT NULL DEFAULT now(),
    updated          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT rds_configuration_name UNIQUE (project_id, name)
);
-- Each time a template was applied to an instance.
CREATE TABLE rds_configuration_history (
    configuration_id text NOT NULL,
    project_id       text NOT NULL,
    instance_id      text NOT NULL,
    instance_name    text NOT NULL,
    apply_result     text NOT NULL,             -- SUCCESS or FAILED
    apply_time       timestamptz NOT NULL DEFAULT now(),
    error_code       text NOT NULL DEFAULT ''
);
CREATE INDEX rds_configuration_history_of ON rds_configuration_history (configuration_id, apply_time DESC);
-- Each change of a parameter of an instance.
CREATE TABLE rds_parameter_history (
    instance_id    text NOT NULL,
    parameter_name text NOT NULL,
    old_value      text NOT NULL,
    new_value      text NOT NULL,
    applied        boolean NOT NULL,            -- in force at once, without a restart
    changed        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rds_parameter_history_of ON rds_parameter_history (instance_id, changed DESC);
