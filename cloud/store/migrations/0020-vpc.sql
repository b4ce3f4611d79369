-- Virtual private clouds (cloud/vpc). Numbers are the host's names for things: they are short, unique
-- in this store and never reused while a row is there.
CREATE SEQUENCE vpc_number MINVALUE 1 MAXVALUE 16000000;

CREATE TABLE vpc_vpc (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    number         int NOT NULL UNIQUE DEFAULT nextval('vpc_number'),
    route_table_id text NOT NULL UNIQUE DEFAULT gen_random_uuid()::text,
    name           text NOT NULL DEFAULT '',
    description    text NOT NULL DEFAULT '',
    cidr           cidr NOT NULL,
    enterprise_project_id text NOT NULL DEFAULT '0',
    tags           jsonb NOT NULL DEFAULT '[]',
    dirty          boolean NOT NULL DEFAULT false, -- the host's network is behind the rows
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vpc_vpc_of_project ON vpc_vpc (project_id, id);

CREATE TABLE vpc_subnet (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text, -- neutron's network
    neutron_id     text NOT NULL UNIQUE DEFAULT gen_random_uuid()::text, -- neutron's subnet
    project_id     text NOT NULL,
    vpc_id         text NOT NULL REFERENCES vpc_vpc,
    segment        int NOT NULL UNIQUE DEFAULT nextval('vpc_number'),
    name           text NOT NULL,
    description    text NOT NULL DEFAULT '',
    cidr           cidr NOT NULL,
    gateway        inet NOT NULL,
    dhcp           boolean NOT NULL DEFAULT true,
    dns            jsonb NOT NULL DEFAULT '[]',
    zone           text NOT NULL DEFAULT '',
    extra_dhcp     jsonb NOT NULL DEFAULT '[]',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vpc_subnet_of_vpc ON vpc_subnet (vpc_id);
CREATE INDEX vpc_subnet_of_project ON vpc_subnet (project_id, id);

CREATE TABLE vpc_security_group (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    number         int NOT NULL UNIQUE DEFAULT nextval('vpc_number'),
    name           text NOT NULL,
    description    text NOT NULL DEFAULT '',
    standard       boolean NOT NULL DEFAULT false, -- the project's "default"
    enterprise_project_id text NOT NULL DEFAULT '0',
    tags           jsonb NOT NULL DEFAULT '[]',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX vpc_security_group_standard ON vpc_security_group (project_id) WHERE standard;
CREATE INDEX vpc_security_group_of_project ON vpc_security_group (project_id, id);

CREATE TABLE vpc_security_rule (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    group_id       text NOT NULL REFERENCES vpc_security_group ON DELETE CASCADE,
    description    text NOT NULL DEFAULT '',
    direction      text NOT NULL CHECK (direction IN ('ingress', 'egress')),
    ethertype      text NOT NULL CHECK (ethertype IN ('IPv4', 'IPv6')),
    protocol       text NOT NULL DEFAULT '', -- '' any; tcp, udp, icmp, icmpv6, or a number
    multiport      text NOT NULL DEFAULT '', -- '' any; "22,80-90"; of icmp "type" or "type-code"
    remote_prefix  text NOT NULL DEFAULT '',
    remote_group_id text REFERENCES vpc_security_group,
    action         text NOT NULL DEFAULT 'allow' CHECK (action IN ('allow', 'deny')),
    priority       int NOT NULL DEFAULT 1 CHECK (priority BETWEEN 1 AND 100),
    enabled        boolean NOT NULL DEFAULT true,
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vpc_security_rule_of_group ON vpc_security_rule (group_id);
CREATE INDEX vpc_security_rule_remote ON vpc_security_rule (remote_group_id);
CREATE UNIQUE INDEX vpc_security_rule_once ON vpc_security_rule
    (group_id, direction, ethertype, protocol, multiport, remote_prefix,
     coalesce(remote_group_id, ''), action, priority);

CREATE TABLE vpc_port (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    subnet_id      text NOT NULL REFERENCES vpc_subnet,
    number         int NOT NULL UNIQUE DEFAULT nextval('vpc_number'),
    name           text NOT NULL DEFAULT '',
    mac            text NOT NULL UNIQUE,
    ip             inet NOT NULL,
    device_id      text NOT NULL DEFAULT '',
    device_owner   text NOT NULL DEFAULT '',
    admin_up       boolean NOT NULL DEFAULT true,
    allowed_pairs  jsonb NOT NULL DEFAULT '[]',
    extra_dhcp     jsonb NOT NULL DEFAULT '[]',
    plugged        boolean NOT NULL DEFAULT false,
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vpc_port_ip UNIQUE (subnet_id, ip)
);
CREATE INDEX vpc_port_of_device ON vpc_port (device_id) WHERE device_id <> '';
CREATE INDEX vpc_port_of_project ON vpc_port (project_id, id);

CREATE TABLE vpc_port_group (
    port_id        text NOT NULL REFERENCES vpc_port ON DELETE CASCADE,
    group_id       text NOT NULL REFERENCES vpc_security_group,
    PRIMARY KEY (port_id, group_id)
);
CREATE INDEX vpc_port_group_members ON vpc_port_group (group_id);

CREATE TABLE vpc_peering (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    name           text NOT NULL,
    description    text NOT NULL DEFAULT '',
    status         text NOT NULL,
    project_id     text NOT NULL, -- who asked
    vpc_id         text NOT NULL REFERENCES vpc_vpc,
    peer_project_id text NOT NULL,
    peer_vpc_id    text NOT NULL REFERENCES vpc_vpc,
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX vpc_peering_once ON vpc_peering
    (least(vpc_id, peer_vpc_id), greatest(vpc_id, peer_vpc_id))
    WHERE status IN ('ACTIVE', 'PENDING_ACCEPTANCE');

CREATE TABLE vpc_route (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    vpc_id         text NOT NULL REFERENCES vpc_vpc ON DELETE CASCADE,
    type           text NOT NULL CHECK (type IN ('ecs', 'eni', 'vip', 'peering')),
    destination    cidr NOT NULL,
    nexthop        text NOT NULL, -- an address in the vpc, a port's id (eni) or a peering's id
    description    text NOT NULL DEFAULT '',
    created        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT vpc_route_destination UNIQUE (vpc_id, destination)
);

CREATE TABLE vpc_bandwidth (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    name           text NOT NULL,
    megabits       int NOT NULL CHECK (megabits BETWEEN 1 AND 2000),
    share_type     text NOT NULL CHECK (share_type IN ('PER', 'WHOLE')),
    charge_mode    text NOT NULL DEFAULT 'bandwidth',
    enterprise_project_id text NOT NULL DEFAULT '0',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vpc_bandwidth_of_project ON vpc_bandwidth (project_id, id);

CREATE TABLE vpc_eip (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    project_id     text NOT NULL,
    address        inet NOT NULL UNIQUE,
    type           text NOT NULL DEFAULT '5_bgp',
    alias          text NOT NULL DEFAULT '',
    port_id        text UNIQUE REFERENCES vpc_port,
    bandwidth_id   text NOT NULL REFERENCES vpc_bandwidth,
    enterprise_project_id text NOT NULL DEFAULT '0',
    tags           jsonb NOT NULL DEFAULT '[]',
    created        timestamptz NOT NULL DEFAULT now(),
    updated        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vpc_eip_of_project ON vpc_eip (project_id, id);

-- A project's own limits; the others are those of vpc/quotas.def.
CREATE TABLE vpc_quota (
    project_id     text NOT NULL,
    type           text NOT NULL,
    quota          int NOT NULL,
    PRIMARY KEY (project_id, type)
);
