// Backups of an instance: the restore window with its slider, the list, the policy.
import m, { Child, Component } from "mithril";
import * as rds from "../../api/rds";
import { Backup, Instance } from "../../api/types";
import { bytes, clock, compare, count, duration, moment, parse, t } from "../../i18n";
import { follow, onJobs } from "../../jobs";
import { ask, Field } from "../../parts/dialog";
import { passwordHints, passwordKept, trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { every, loaded } from "../../parts/state";
import { empty, section, state, table, waiting } from "../../parts/view";
import { session } from "../../session";
import { nameKept, windows } from "../catalogue";
import { databaseNameKept } from "./databases";
import type { TabAttributes } from "./index";

type Target = "new" | "original" | "database";

// A moment as <input type=datetime-local> writes it: the browser's own time, to the second.
const local = (at: number): string => {
    const date = new Date(at - new Date(at).getTimezoneOffset() * 60e3);
    return date.toISOString().slice(0, 19);
};

export async function restoreTo(one: Instance, target: Target, source: { [name: string]: unknown }, said: string): Promise<void> {
    const databases = target === "database" ? (await rds.listDatabases(one.id)).map((each) => each.name).sort(compare) : [];
    const fields: { [target in Target]: Field[] } = {
        new: [
            {
                name: "name",
                label: t("name"),
                value: `${one.name}-restored`.slice(0, 64),
                hint: t("c_name_hint"),
                check: (value) => (nameKept(value) ? null : t("problem_name")),
            },
            {
                name: "password",
                label: t("c_password"),
                kind: "password",
                hint: (value) => passwordHints(value, "rdsuser"),
                check: (value) => (passwordKept(value, "rdsuser") ? null : t("problem_password")),
                attributes: { autocomplete: "new-password" },
            },
        ],
        original: [],
        database: [
            { name: "database", label: t("database"), kind: "select", value: databases[0], options: databases.map((each) => ({ value: each, label: each })) },
            {
                name: "renamed",
                label: t("new_name"),
                value: `${databases[0] || "db"}_restored`,
                hint: t("database_hint"),
                check: (value) => (databaseNameKept(value) && !databases.includes(value) ? null : t("problem_name")),
            },
        ],
    };
    const title = `${t("restore")} ${t(target === "new" ? "to_new" : target === "original" ? "to_original" : "to_database")}`;
    ask({
        title,
        text: target === "original" ? t("restore_over_text", { moment: said }) : said,
        submit: t("restore"),
        danger: target === "original",
        confirm: target === "original" ? one.name : undefined,
        fields: fields[target],
        send: async (values) => {
            const point = { instance_id: one.id, ...source };
            const name = `${t("restore")} – ${one.name}`;
            if (target === "original")
                return follow(name, await rds.restoreInto({ ...point, restore_all_database: true }, one.id));
            if (target === "database")
                return follow(name, await rds.restoreInto({ ...point, database_name: { [values.database]: values.renamed } }, one.id));
            const reply = await rds.createInstance({
                name: values.name,
                datastore: { type: "SQLServer", version: one.datastore.version },
                flavor_ref: one.flavor_ref,
                volume: one.volume,
                region: session()!.project.name.split("_")[0],
                availability_zone: one.nodes[0] ? one.nodes[0].availability_zone : "",
                vpc_id: (one as any).vpc_id,
                subnet_id: (one as any).subnet_id,
                security_group_id: (one as any).security_group_id,
                password: values.password,
                collation: one.collation,
                restore_point: point,
            });
            follow(t("creating", { name: values.name }), reply);
            m.route.set("/instances");
            return undefined;
        },
    });
    m.redraw();
}

function Slider(vnode: m.Vnode<{ instance: Instance }>): Component<{ instance: Instance }> {
    const id = vnode.attrs.instance.id;
    const found = loaded(() => rds.restoreWindows(id));
    const ends = [every(() => 10000, found.load), onJobs(() => void found.load())];
    let chosen: number | null = null;
    let target: Target = "new";
    let problem: unknown = null;

    // Windows may have gaps (the instance was stopped): a moment in one moves to its nearest end.
    const snap = (at: number): number => {
        const all = found.value || [];
        if (all.some((one) => at >= one.start_time && at <= one.end_time)) return at;
        const edges = all.flatMap((one) => [one.start_time, one.end_time]);
        return edges.reduce((best, edge) => (Math.abs(edge - at) < Math.abs(best - at) ? edge : best), edges[0]);
    };
    const choice = (value: Target, title: string, text: string): Child => m("label.card", { class: target === value ? "chosen" : "" },
        m("input[type=radio][name=target]", { value, checked: target === value, onchange: () => (target = value) }),
        m("span.title", title), m("span.sub", text));

    return {
        onremove: () => ends.forEach((end) => end()),
        view({ attrs: { instance } }) {
            const all = found.value || [];
            if (!found.value) return found.error ? trouble(found.error, found.load) : waiting();
            if (!all.length) return m("p.hint", t("restore_none"));
            const from = Math.min(...all.map((one) => one.start_time));
            const to = Math.max(...all.map((one) => one.end_time));
            const at = chosen === null ? to : Math.min(Math.max(chosen, from), to);
            const part = (time: number): string => `${((time - from) / (to - from || 1)) * 100}%`;
            const step = Math.max(1000, Math.round((to - from) / 1000 / 1000) * 1000);
            // The last step may reach beyond the window: it means its end.
            const end = from + Math.ceil((to - from) / step) * step;
            return m("form.restore", {
                onsubmit: (event: Event) => {
                    event.preventDefault();
                    problem = null;
                    const restore_time = Math.floor(at / 1000) * 1000;
                    restoreTo(instance, target, { type: "timestamp", restore_time }, moment(restore_time, true))
                        .catch((why) => (problem = why)).then(m.redraw);
                },
            },
            m("p.hint", t("restore_text")),
            m(".when", m("output", { for: "restore-slider" }, moment(at, true)),
                m("input[type=datetime-local]", {
                    "aria-label": t("exact_moment"),
                    step: 1,
                    min: local(from),
                    max: local(to),
                    value: local(at),
                    onchange: (event: Event) => {
                        const value = new Date((event.target as HTMLInputElement).value).getTime();
                        if (!Number.isNaN(value)) chosen = snap(value);
                    },
                })),
            m(".track",
                m(".windows", { "aria-hidden": "true" }, all.map((one) => m("span", {
                    style: { left: part(one.start_time), width: `${((one.end_time - one.start_time) / (to - from || 1)) * 100}%` },
                }))),
                m("input#restore-slider[type=range]", {
                    "aria-label": t("moment"),
                    "aria-valuetext": moment(at, true),
                    min: from,
                    max: end,
                    step,
                    value: chosen === null ? end : at,
                    oninput: (event: Event) => {
                        const value = Number((event.target as HTMLInputElement).value);
                        chosen = value >= to ? null : snap(value);
                    },
                })),
            m(".ends", m("span", `${t("earliest")}: ${clock(from, true)}`), m("span", `${t("latest")}: ${clock(to, true)}`)),
            m("fieldset.cards.three", m("legend.unseen", t("restore_target")),
                choice("new", t("to_new"), t("to_new_text")),
                choice("original", t("to_original"), t("to_original_text")),
                choice("database", t("to_database"), t("to_database_text"))),
            trouble(problem),
            m(".end", m("button.primary[type=submit]", `${t("restore")}…`)));
        },
    };
}

export function Backups(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    const list = loaded(() => rds.listBackups(id));
    const policy = loaded(() => rds.showPolicy(id));
    const running = (): boolean => (list.value || []).some((one) => one.status === "BUILDING" || one.status === "DELETING");
    const ends = [every(() => (running() ? 1500 : 8000), list.load), onJobs(() => void list.load())];

    const create = (one: Instance): void => ask({
        title: `${t("create_backup")} – ${one.name}`,
        submit: t("create_backup"),
        fields: [
            {
                name: "name",
                label: t("name"),
                value: `backup-${new Date().toISOString().slice(0, 16).replace(/[-:T]/g, "")}`,
                hint: t("c_name_hint"),
                check: (value) => (nameKept(value) ? null : t("problem_name")),
            },
            { name: "description", label: t("description"), optional: true },
        ],
        send: async ({ name, description }) => {
            await rds.createBackup(id, name, description);
            void list.load();
        },
    });
    const change = (): void => ask({
        title: t("backup_policy"),
        submit: t("save"),
        fields: [
            {
                name: "keep",
                label: t("keep_days"),
                kind: "number",
                value: String(policy.value ? policy.value.keep_days || 7 : 7),
                hint: t("keep_days_hint"),
                check: (value) => (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 732 ? null : t("problem_name")),
            },
            {
                name: "window",
                label: t("backup_start"),
                kind: "select",
                value: (policy.value && policy.value.start_time) || windows[2],
                options: [...new Set([...(policy.value && policy.value.start_time ? [policy.value.start_time] : []), ...windows])]
                    .map((each) => ({ value: each, label: each.replace("-", " – ") })),
            },
        ],
        send: async ({ keep, window }) => {
            await rds.setPolicy(id, { keep_days: Number(keep), start_time: window, period: (policy.value && policy.value.period) || "1,2,3,4,5,6,7" });
            void policy.load();
        },
    });
    const remove = (one: Backup): void => ask({
        title: `${t("delete")} – ${one.name}`,
        text: t("delete_backup_text"),
        submit: t("delete"),
        danger: true,
        send: async () => {
            await rds.deleteBackup(one.id);
            void list.load();
        },
    });
    const kind = (type: string): string => (type === "manual" ? t("b_manual") : type === "incremental" ? t("b_incremental") : t("b_auto"));

    return {
        onremove: () => ends.forEach((end) => end()),
        view: ({ attrs: { instance } }) => [
            section(t("restore_moment"), null, m(Slider, { instance } as any)),
            section(t("backups"), m("button.primary[type=button]", { onclick: () => create(instance) }, icon("plus"), t("create_backup")),
                m("p.policy", policy.value ? (policy.value.keep_days ? t("policy_text", {
                    window: (policy.value.start_time || "").replace("-", " – "),
                    days: count("days", policy.value.keep_days),
                }) : t("policy_off")) : "", " ", m("button.plain[type=button]", { onclick: change }, t("change_policy"))),
                trouble(list.error, list.load),
                !list.value ? (list.error ? null : waiting()) : list.value.length ? table(t("backups"), [
                    { head: t("name"), cell: (one) => m("strong", one.name) },
                    { head: t("type"), cell: (one) => kind(one.type) },
                    { head: t("status"), cell: (one) => state(one.status) },
                    { head: t("begun"), cell: (one) => moment(one.begin_time, true) },
                    { head: t("duration"), numeric: true, cell: (one) => duration(one.begin_time, one.end_time) },
                    { head: t("size"), numeric: true, cell: (one) => (one.size ? bytes(one.size * 1000) : "–") },
                    {
                        head: t("actions"),
                        quiet: true,
                        cell: (one) => (one.status === "COMPLETED" ? [
                            m("button.plain[type=button]", {
                                "aria-label": t("restore_backup", { name: one.name }),
                                onclick: () => void restoreTo(instance, "new", { type: "backup", backup_id: one.id }, moment(one.end_time, true)),
                            }, t("restore_this")),
                            one.type === "manual" ? m("button.plain.dangerous[type=button]", {
                                "aria-label": `${t("delete")} ${one.name}`,
                                onclick: () => remove(one),
                            }, t("delete")) : null,
                        ] : null),
                    },
                ], [...list.value].sort((a, b) => (parse(b.begin_time)?.getTime() || 0) - (parse(a.begin_time)?.getTime() || 0)), (one) => one.id)
                    : empty(t("no_backups"))),
        ],
    };
}
