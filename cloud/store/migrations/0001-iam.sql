-- Identity (cloud/iam). System roles are in cloud/iam/roles.def; iam_role has the tenants' own policies.
-- What every daemon keeps in memory is told by NOTIFY casement_iam, by triggers, so that no change can
-- forget to: 'user ID', 'key ACCESS', 'project ID' or 'all'.
CREATE TABLE iam_region (
    id       text PRIMARY KEY,
    endpoint text NOT NULL
);
CREATE TABLE iam_domain (
    id          text PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    enabled     boolean NOT NULL DEFAULT true,
    owner_id    text,                            -- the account's own user: may do everything in it
    created     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE iam_project (
    id          text PRIMARY KEY,
    domain_id   text NOT NULL REFERENCES iam_domain ON DELETE CASCADE,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    enabled     boolean NOT NULL DEFAULT true,
    status      text NOT NULL DEFAULT 'normal' CHECK (status IN ('normal', 'suspended')),
    created     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (domain_id, name)
);
CREATE TABLE iam_user (
    id            text PRIMARY KEY,
    domain_id     text NOT NULL REFERENCES iam_domain ON DELETE CASCADE,
    name          text NOT NULL,
    description   text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    areacode      text NOT NULL DEFAULT '',
    phone         text NOT NULL DEFAULT '',
    access_mode   text NOT NULL DEFAULT 'default' CHECK (access_mode IN ('default', 'programmatic', 'console')),
    enabled       boolean NOT NULL DEFAULT true,
    operator      boolean NOT NULL DEFAULT false, -- of the cloud: makes domains; sees no tenant's things
    password_hash text,                           -- scrypt; NULL: cannot sign in by password
    password_set  timestamptz,
    must_change   boolean NOT NULL DEFAULT false,
    token_epoch   bigint NOT NULL DEFAULT 0,      -- tokens and temporary keys of another epoch are void
    last_login    timestamptz,
    created       timestamptz NOT NULL DEFAULT now(),
    updated       timestamptz
);
CREATE UNIQUE INDEX iam_user_name ON iam_user (domain_id, lower(name));
CREATE TABLE iam_old_password (
    user_id text NOT NULL REFERENCES iam_user ON DELETE CASCADE,
    hash    text NOT NULL,
    changed timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX iam_old_password_of ON iam_old_password (user_id, changed DESC);
CREATE TABLE iam_group (
    id          text PRIMARY KEY,
    domain_id   text NOT NULL REFERENCES iam_domain ON DELETE CASCADE,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    created     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (domain_id, name)
);
CREATE TABLE iam_membership (
    group_id text NOT NULL REFERENCES iam_group ON DELETE CASCADE,
    user_id  text NOT NULL REFERENCES iam_user ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX iam_membership_of ON iam_membership (user_id);
CREATE TABLE iam_role (
    id           text PRIMARY KEY,
    domain_id    text NOT NULL REFERENCES iam_domain ON DELETE CASCADE,
    name         text NOT NULL UNIQUE,           -- custom_<domain>_<n>, as the API shows it
    display_name text NOT NULL,
    type         text NOT NULL DEFAULT 'AX' CHECK (type IN ('AX', 'XA')),
    description  text NOT NULL DEFAULT '',
    description_cn text NOT NULL DEFAULT '',
    policy       jsonb NOT NULL,
    created      timestamptz NOT NULL DEFAULT now(),
    updated      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (domain_id, display_name)
);
CREATE TABLE iam_grant (
    group_id text NOT NULL REFERENCES iam_group ON DELETE CASCADE,
    scope    text NOT NULL,                      -- 'domain', 'all' (domain and every project) or a project's id
    role_id  text NOT NULL,                      -- of roles.def or of iam_role
    PRIMARY KEY (group_id, scope, role_id)
);
CREATE INDEX iam_grant_of_role ON iam_grant (role_id);
CREATE TABLE iam_key (
    access      text PRIMARY KEY,
    user_id     text NOT NULL REFERENCES iam_user ON DELETE CASCADE,
    secret      text NOT NULL,                   -- sealed, purpose "iam key ACCESS"
    description text NOT NULL DEFAULT '',
    active      boolean NOT NULL DEFAULT true,
    created     timestamptz NOT NULL DEFAULT now(),
    last_used   timestamptz
);
CREATE INDEX iam_key_of ON iam_key (user_id);
CREATE TABLE iam_revoked_token (
    user_id  text NOT NULL REFERENCES iam_user ON DELETE CASCADE,
    token_id text NOT NULL,
    expires  timestamptz NOT NULL,
    PRIMARY KEY (user_id, token_id)
);
-- Failed sign-ins by account and user name as given, whether they exist or not: a lock tells nothing.
CREATE TABLE iam_failed_login (
    subject      text PRIMARY KEY,               -- hash of the names
    failures     int NOT NULL,
    since        timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz
);

CREATE FUNCTION iam_notify() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    PERFORM pg_notify('casement_iam', CASE WHEN TG_ARGV[0] = 'all' THEN 'all'
                                      ELSE TG_ARGV[0] || ' ' || (shown ->> TG_ARGV[1]) END);
    RETURN NULL;
END $$;
CREATE TRIGGER told AFTER UPDATE OR DELETE ON iam_domain
    FOR EACH ROW EXECUTE FUNCTION iam_notify('all');
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON iam_project
    FOR EACH ROW EXECUTE FUNCTION iam_notify('project', 'id');
CREATE TRIGGER told AFTER DELETE OR UPDATE OF name, enabled, operator, token_epoch, must_change, password_set
    ON iam_user FOR EACH ROW EXECUTE FUNCTION iam_notify('user', 'id');
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON iam_membership
    FOR EACH ROW EXECUTE FUNCTION iam_notify('user', 'user_id');
CREATE TRIGGER told AFTER UPDATE OR DELETE ON iam_role
    FOR EACH ROW EXECUTE FUNCTION iam_notify('all');
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON iam_grant
    FOR EACH ROW EXECUTE FUNCTION iam_notify('all');
CREATE TRIGGER told AFTER DELETE OR UPDATE OF secret, active, user_id ON iam_key
    FOR EACH ROW EXECUTE FUNCTION iam_notify('key', 'access');
CREATE TRIGGER told AFTER INSERT ON iam_revoked_token
    FOR EACH ROW EXECUTE FUNCTION iam_notify('user', 'user_id');
