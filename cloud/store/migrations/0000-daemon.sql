-- What the daemon itself remembers of its region (cloud/main).
CREATE TABLE daemon_region (
    region         text PRIMARY KEY,
    bootstrapped   timestamptz,            -- identities exist and admin.json was written
    first_instance text NOT NULL DEFAULT '' -- id, or 'none' where none was wanted
);
