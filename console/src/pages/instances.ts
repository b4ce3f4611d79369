// The list of instances, each with its state and the last hour in small lines.
import m, { Component } from "mithril";
import { listInstances, metrics, Series } from "../api/rds";
import { Instance } from "../api/types";
import { compare, count, number, percent, t } from "../i18n";
import { anyJob, jobOf, onJobs, percentOf, progress } from "../jobs";
import { meter, sparkline } from "../parts/charts";
import { trouble } from "../parts/form";
import { icon } from "../parts/icons";
import { every, loaded } from "../parts/state";
import { empty, isBusy, state, table, waiting } from "../parts/view";
import { product } from "./catalogue";

export const METRICS = ["rds001_cpu_util", "rds054_db_connections_in_use", "rds056_batch_per_sec", "rds048_disk_used_size"];

export function Instances(): Component {
    const list = loaded(listInstances);
    let series = new Map<string, Series>();
    let filter = "";
    const readMetrics = async (): Promise<void> => {
        const some = (list.value || []).slice(0, 40);
        if (some.length) series = await metrics(some.map((one) => one.id), METRICS, Date.now() - 3600e3, Date.now());
    };
    const busy = (): boolean => anyJob() || (list.value || []).some((one) => isBusy(one.status));
    const ends = [
        every(() => (busy() ? 1500 : 5000), list.load),
        every(() => (series.size ? 15000 : 1000), readMetrics),
        onJobs(() => void list.load()),
    ];
    const used = (one: Instance): number => {
        const points = (series.get(one.id) || {}).rds048_disk_used_size;
        return points && points.length ? points[points.length - 1][1] : one.storage_used_space || 0;
    };
    const line = (one: Instance, metric: string, top: number, name: string, show: (v: number) => string): m.Child =>
        sparkline((series.get(one.id) || {})[metric], top, name, show);

    const rows = (all: Instance[]): m.Child => table(t("instances"), [
        {
            head: t("name"),
            cell: (one: Instance) => m(".title", m("a.main", { href: `#/instances/${one.id}` }, one.name),
                m("span.sub", product(one.datastore.version)), m("span.sub", `${count("cores", Number(one.cpu))} · ${t("gb", { n: one.mem })}`)),
        },
        {
            head: t("status"),
            cell: (one) => {
                const job = jobOf(one.id);
                return [state(one.status), job ? progress(percentOf(job), job.name) : null];
            },
        },
        {
            head: t("address"),
            cell: (one) => (one.private_ips.length ? m("code.soft", `${one.private_ips[0]}:${one.port}`) : "–"),
        },
        { head: t("cpu"), cell: (one) => line(one, METRICS[0], 100, t("cpu"), (v) => percent(v / 100)) },
        { head: t("connections"), cell: (one) => line(one, METRICS[1], 5, t("connections"), (v) => number(v)) },
        { head: t("batches"), cell: (one) => line(one, METRICS[2], 5, t("batches"), (v) => number(v, v < 10 ? 1 : 0)) },
        {
            head: t("storage"),
            cell: (one) => m(".fill", meter(used(one) / one.volume.size, t("storage_used")),
                m("span", t("of", { used: number(used(one), used(one) < 10 ? 1 : 0), total: t("gb", { n: number(one.volume.size) }) }))),
        },
    ], all, (one) => one.id);

    return {
        onremove: () => ends.forEach((end) => end()),
        view() {
            const all = [...(list.value || [])].sort((a, b) => compare(a.name, b.name));
            const word = filter.trim().toLowerCase();
            const some = all.filter((one) => `${one.name} ${one.id} ${one.private_ips.join(" ")}`.toLowerCase().includes(word));
            return m(".page", m("header.head", m("h1", t("instances")),
                all.length ? m("span.count", count("instances_count", all.length)) : null, m(".space"),
                m("a.button.primary", { href: "#/create" }, icon("plus"), t("create_instance"))),
            trouble(list.error, list.load),
            all.length > 5 ? m("input.filter[type=search]", {
                "aria-label": t("search_instances"),
                placeholder: t("search_instances"),
                value: filter,
                oninput: (event: Event) => (filter = (event.target as HTMLInputElement).value),
            }) : null,
            !list.value ? (list.error ? null : waiting())
                : !all.length ? empty(t("no_instances"), t("no_instances_text"),
                    m("a.button.primary", { href: "#/create" }, icon("plus"), t("create_instance")), "server")
                    : some.length ? m(".instances", rows(some)) : empty(t("nothing_matches", { text: filter })));
        },
    };
}
