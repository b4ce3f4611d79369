// The answers of the API, as far as the console reads them.
export interface Named {
    id: string;
    name: string;
}
export interface Tag {
    key: string;
    value: string;
}
export interface Instance {
    id: string;
    name: string;
    status: string;
    type: string;
    created: string;
    updated: string;
    port: number;
    private_ips: string[];
    private_dns_names?: string[];
    public_ips?: string[];
    db_user_name: string;
    datastore: { type: string; version: string; complete_version?: string };
    flavor_ref: string;
    cpu: string;
    mem: string;
    volume: { type: string; size: number };
    region: string;
    collation?: string;
    time_zone?: string;
    maintenance_window?: string;
    backup_strategy?: { start_time: string; keep_days: number };
    backup_used_space?: number;
    storage_used_space?: number;
    enable_ssl?: boolean;
    tags?: Tag[];
    nodes: { id: string; name: string; role: string; status: string; availability_zone: string }[];
}
export interface Flavor {
    id: string;
    vcpus: string;
    ram: number;
    spec_code: string;
    instance_mode: string;
    az_status: { [zone: string]: string };
    version_name?: string[];
}
export interface Job {
    id: string;
    name: string;
    status: string;
    created?: string;
    ended?: string;
    process?: string;
    // The name of its step.
    task_detail?: string;
    instance?: Named;
    fail_reason?: string;
}
export interface Task {
    id: string;
    name: string;
    status: string;
    process?: string;
    create_time?: string;
    end_time?: string;
    instance_id?: string;
    instance_name?: string;
    fail_reason?: string;
}
export interface Database {
    name: string;
    character_set?: string;
    state?: string;
}
export interface Account {
    name: string;
    state?: string;
    databases?: { name: string; readonly: boolean }[];
    comment?: string;
}
export interface Parameter {
    name: string;
    value: string;
    restart_required: boolean;
    readonly: boolean;
    value_range: string;
    type: string;
    description: string;
}
export interface Template {
    id: string;
    name: string;
    description?: string;
    datastore_version_name: string;
    datastore_name: string;
    created?: string;
    updated?: string;
    user_defined: boolean;
}
export interface Backup {
    id: string;
    instance_id: string;
    name: string;
    begin_time: string;
    end_time?: string;
    status: string;
    type: string;
    size?: number;
}
export interface BackupPolicy {
    keep_days: number;
    start_time?: string;
    period?: string;
}
export interface RestoreWindow {
    start_time: number;
    end_time: number;
}
export interface ErrorLogLine {
    time: string;
    level: string;
    content: string;
}
export interface SlowQuery {
    count: string;
    time: string;
    lock_time?: string;
    rows_sent?: string;
    rows_examined?: string;
    database?: string;
    users?: string;
    query_sample: string;
    type?: string;
    start_time?: string;
}
export interface RecycledInstance {
    id: string;
    name: string;
    engine_name: string;
    engine_version: string;
    created_at: string;
    deleted_at: string;
    volume_type: string;
    volume_size: number;
    retained_until: string;
    recycle_backup_id: string;
    recycle_status?: string;
}
export interface Quota {
    type: string;
    quota: number;
    used: number;
}
export interface Point {
    timestamp: number;
    average?: number;
    max?: number;
}
export interface User {
    id: string;
    name: string;
    enabled: boolean;
    description?: string;
    password_expires_at?: string | null;
}
export interface Group {
    id: string;
    name: string;
    description?: string;
}
export interface Role {
    id: string;
    name: string;
    display_name?: string;
    description?: string;
    catalog?: string;
    type?: string;
}
export interface AccessKey {
    access: string;
    secret?: string;
    status: string;
    create_time?: string;
    description?: string;
    user_id: string;
}
export interface QueryResult {
    columns: { name: string; type: string }[];
    rows: (string | null)[][];
    row_count: number;
    truncated?: boolean;
}
export interface QueryMessage {
    number: number;
    severity: number;
    state: number;
    line: number;
    procedure?: string;
    text: string;
}
export interface QueryAnswer {
    results: QueryResult[];
    messages: QueryMessage[];
}
