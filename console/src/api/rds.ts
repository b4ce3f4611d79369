// The operations of RDS, CES and jobs that the console uses, one function each.
import { session } from "../session";
import { call, withQuery } from "./client";
import * as is from "./types";

const P = (): string => `/v3/${session()!.project.id}`;
const P31 = (): string => `/v3.1/${session()!.project.id}`;
const I = (id: string): string => `${P()}/instances/${id}`;
const safe = encodeURIComponent;

export interface JobReply {
    job_id?: string;
    workflowId?: string;
}

export const listInstances = async (): Promise<is.Instance[]> => {
    const all: is.Instance[] = [];
    for (;;) {
        const path = withQuery(`${P()}/instances`, { offset: all.length, limit: 100 });
        const page = await call<{ instances: is.Instance[]; total_count: number }>("GET", path);
        all.push(...page.instances);
        if (all.length >= page.total_count || !page.instances.length) return all;
    }
};
export const showInstance = async (id: string): Promise<is.Instance | null> =>
    (await call<{ instances: is.Instance[] }>("GET", withQuery(`${P()}/instances`, { id }))).instances[0] || null;
export const createInstance = (body: unknown): Promise<{ instance: is.Named; job_id: string }> =>
    call("POST", `${P()}/instances`, body);
export const deleteInstance = (id: string): Promise<JobReply> => call("DELETE", I(id));
export const action = (id: string, body: unknown): Promise<JobReply> => call("POST", `${I(id)}/action`, body);
export const stopInstance = (id: string): Promise<JobReply> => call("POST", `${I(id)}/action/shutdown`, {});
export const startInstance = (id: string): Promise<JobReply> => call("POST", `${I(id)}/action/startup`, {});
export const rename = (id: string, name: string): Promise<unknown> => call("PUT", `${I(id)}/name`, { name });
export const certificateLink = async (id: string): Promise<string> =>
    (await call<{ cert_info_list: { download_link: string; category: string }[] }>("GET", `${I(id)}/ssl-cert/download-link`))
        .cert_info_list[0].download_link;
export const setPort = (id: string, port: number): Promise<JobReply> => call("PUT", `${I(id)}/port`, { port });
export const resetPassword = (id: string, db_user_pwd: string): Promise<unknown> =>
    call("POST", `${I(id)}/password`, { db_user_pwd });
export const setMaintenance = (id: string, start_time: string, end_time: string): Promise<unknown> =>
    call("PUT", `${I(id)}/ops-window`, { start_time, end_time });
export const changeTags = (id: string, what: "create" | "delete", tags: is.Tag[]): Promise<unknown> =>
    call("POST", `${I(id)}/tags/action`, { action: what, tags });

export const listVersions = async (): Promise<is.Named[]> =>
    (await call<{ dataStores: is.Named[] }>("GET", `${P()}/datastores/SQLServer`)).dataStores;
export const listFlavors = async (version?: string): Promise<is.Flavor[]> =>
    (await call<{ flavors: is.Flavor[] }>("GET", withQuery(`${P()}/flavors/SQLServer`, { version_name: version }))).flavors;
export const listStorage = async (version?: string): Promise<{ name: string; az_status: { [zone: string]: string } }[]> =>
    (await call<{ storage_type: { name: string; az_status: { [zone: string]: string } }[] }>(
        "GET",
        withQuery(`${P()}/storage-type/SQLServer`, { version_name: version, ha_mode: "single" }),
    )).storage_type;
export const listCollations = async (): Promise<string[]> =>
    (await call<{ charSets: string[] }>("GET", `${P()}/collations`)).charSets;
export const listQuotas = async (): Promise<is.Quota[]> =>
    (await call<{ quotas: { resources: is.Quota[] } }>("GET", `${P()}/quotas`)).quotas.resources;

export const showJob = async (id: string): Promise<is.Job> =>
    (await call<{ job: is.Job }>("GET", withQuery(`${P()}/jobs`, { id }))).job;
export const listTasks = async (instance_id?: string): Promise<is.Task[]> =>
    (await call<{ tasks: is.Task[] }>("GET", withQuery(`${P()}/tasklist`, { instance_id, offset: 0, limit: 100 }))).tasks;

async function pages<T>(path: string, key: string, query: { [name: string]: string } = {}): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
        const body = await call<any>("GET", withQuery(path, { ...query, page, limit: 100 }));
        const got = (body[key] || []) as T[];
        all.push(...got);
        if (!got.length || all.length >= (body.total_count || 0)) return all;
    }
}
export const listDatabases = (id: string): Promise<is.Database[]> => pages(`${I(id)}/database/detail`, "databases");
export const createDatabase = (id: string, name: string): Promise<unknown> => call("POST", `${I(id)}/database`, { name });
export const deleteDatabase = (id: string, name: string): Promise<JobReply> =>
    call("DELETE", `${P31()}/instances/${id}/database/${safe(name)}`, { is_force_delete: true });
export const listAccounts = (id: string): Promise<is.Account[]> => pages(`${I(id)}/db_user/detail`, "users");
export const createAccount = (id: string, name: string, password: string): Promise<unknown> =>
    call("POST", `${I(id)}/db_user`, { name, password });
export const deleteAccount = (id: string, name: string): Promise<unknown> => call("DELETE", `${I(id)}/db_user/${safe(name)}`);
export const setAccountPassword = (id: string, name: string, password: string): Promise<unknown> =>
    call("POST", `${I(id)}/db_user/resetpwd`, { name, password });
export const listAllowed = (id: string, database: string): Promise<{ name: string; readonly: boolean }[]> =>
    pages(`${I(id)}/database/db_user`, "users", { "db-name": database });
export const allow = (id: string, db_name: string, name: string, readonly: boolean): Promise<unknown> =>
    call("POST", `${I(id)}/db_privilege`, { db_name, users: [{ name, readonly }] });
export const revoke = (id: string, db_name: string, name: string): Promise<unknown> =>
    call("DELETE", `${I(id)}/db_privilege`, { db_name, users: [{ name }] });

export const listTemplates = async (): Promise<is.Template[]> =>
    (await call<{ configurations: is.Template[] }>("GET", `${P()}/configurations`)).configurations;
export const showTemplate = (id: string): Promise<is.Template & { configuration_parameters: is.Parameter[] }> =>
    call("GET", `${P()}/configurations/${id}`);
export const createTemplate = (body: unknown): Promise<{ configuration: is.Template }> =>
    call("POST", `${P()}/configurations`, body);
export const updateTemplate = (id: string, values: { [name: string]: string }): Promise<unknown> =>
    call("PUT", `${P()}/configurations/${id}`, { values });
export const deleteTemplate = (id: string): Promise<unknown> => call("DELETE", `${P()}/configurations/${id}`);
export const applyTemplate = (id: string, instance: string): Promise<JobReply> =>
    call("PUT", `${P31()}/configurations/${id}/apply`, { instance_ids: [instance] });
export const instanceParameters = (id: string): Promise<{ configuration_parameters: is.Parameter[] }> =>
    call("GET", `${I(id)}/configurations`);
export const setParameters = (
    id: string,
    values: { [name: string]: string },
): Promise<{ job_id?: string; restart_required: boolean }> =>
    call("PUT", `${P31()}/instances/${id}/configurations`, { values });

export const listBackups = async (instance_id: string): Promise<is.Backup[]> =>
    (await call<{ backups: is.Backup[] }>("GET", withQuery(`${P()}/backups`, { instance_id, offset: 0, limit: 100 }))).backups;
export const createBackup = (instance_id: string, name: string, description: string): Promise<{ backup: is.Backup }> =>
    call("POST", `${P()}/backups`, { instance_id, name, description: description || undefined });
export const deleteBackup = (id: string): Promise<unknown> => call("DELETE", `${P()}/backups/${id}`);
export const showPolicy = async (id: string): Promise<is.BackupPolicy> =>
    (await call<{ backup_policy: is.BackupPolicy }>("GET", `${I(id)}/backups/policy`)).backup_policy;
export const setPolicy = (id: string, backup_policy: is.BackupPolicy): Promise<unknown> =>
    call("PUT", `${I(id)}/backups/policy`, { backup_policy });
export const restoreWindows = async (id: string): Promise<is.RestoreWindow[]> =>
    (await call<{ restore_time: is.RestoreWindow[] }>("GET", `${I(id)}/restore-time`)).restore_time;
export const restoreInto = (source: unknown, instance_id: string): Promise<JobReply> =>
    call("POST", `${P31()}/instances/recovery`, { source, target: { instance_id } });

export const listErrors = async (id: string, from: Date, to: Date, level: string): Promise<is.ErrorLogLine[]> =>
    (await call<{ error_log_list: is.ErrorLogLine[] }>(
        "GET",
        withQuery(`${P31()}/instances/${id}/errorlog`, { ...span(from, to), level, offset: 0, limit: 100 }),
    )).error_log_list;
export const listSlow = async (id: string, from: Date, to: Date): Promise<is.SlowQuery[]> =>
    (await call<{ slow_log_list: is.SlowQuery[] }>(
        "GET",
        withQuery(`${P31()}/instances/${id}/slowlog`, { ...span(from, to), offset: 0, limit: 100 }),
    )).slow_log_list;
const span = (from: Date, to: Date): { start_date: string; end_date: string } => ({
    start_date: stamp(from),
    end_date: stamp(to),
});
const stamp = (moment: Date): string => `${moment.toISOString().slice(0, 19)}+0000`;

export const listRecycled = async (): Promise<is.RecycledInstance[]> =>
    (await call<{ instances: is.RecycledInstance[] }>("GET", withQuery(`${P()}/recycle-instances`, { offset: 0, limit: 100 })))
        .instances;

export const cancelQuery = (id: string, query: string): Promise<unknown> => call("DELETE", `${I(id)}/query/${query}`);
export const runQuery = (id: string, body: unknown, signal: AbortSignal): Promise<is.QueryAnswer> =>
    call("POST", `${I(id)}/query`, body, signal);

// Metrics of instances: names of CES, each with its points in time order.
export type Series = { [metric: string]: [number, number][] };
export async function metrics(ids: string[], names: string[], from: number, to: number, period = 1): Promise<Map<string, Series>> {
    const found = new Map<string, Series>();
    for (let first = 0; first < ids.length; first += 10) {
        const some = ids.slice(first, first + 10);
        const body = {
            metrics: some.flatMap((id) =>
                names.map((metric_name) => ({
                    namespace: "SYS.RDS",
                    metric_name,
                    dimensions: [{ name: "rds_cluster_sqlserver_id", value: id }],
                }))),
            period: String(period),
            filter: "average",
            from,
            to,
        };
        const reply = await call<{
            metrics: { metric_name: string; dimensions: { value: string }[]; datapoints: is.Point[] }[];
        }>("POST", `/V1.0/${session()!.project.id}/batch-query-metric-data`, body);
        for (const one of reply.metrics) {
            const id = one.dimensions[0].value;
            const series = found.get(id) || {};
            series[one.metric_name] = one.datapoints
                .map((point): [number, number] => [point.timestamp, point.average ?? point.max ?? 0])
                .sort((a, b) => a[0] - b[0]);
            found.set(id, series);
        }
    }
    return found;
}
