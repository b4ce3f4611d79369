// The wizard that makes an instance: four steps, a review, then the job's progress.
import m, { Child, Component } from "mithril";
import { createInstance, listCollations, listFlavors, listStorage, listTemplates, listVersions, showInstance } from "../api/rds";
import { Flavor, Instance } from "../api/types";
import { compare, count, number, t, WordKey } from "../i18n";
import { follow, progress, words } from "../jobs";
import { showJob } from "../api/rds";
import { control, Control, passwordHints, passwordKept, portKept, sizeKept, trouble } from "../parts/form";
import { icon } from "../parts/icons";
import { every, loaded } from "../parts/state";
import { facts, waiting } from "../parts/view";
import { session } from "../session";
import { nameKept, product, windows } from "./catalogue";
import { connectStrings } from "./instance/connect";

const STEPS: WordKey[] = ["c_basics", "c_capacity", "c_security", "c_care", "c_review"];
const NETWORK = (last: string): string => last.padStart(32, "0");

export function Create(): Component {
    const values: { [name: string]: string } = {
        name: "", version: "", flavor: "", size: "40", storage: "", password: "", again: "", port: "1433",
        collation: "SQL_Latin1_General_CP1_CI_AS", keep: "7", window: "02:00-03:00", template: "",
    };
    let step = 0;
    let tried = false;
    let busy = false;
    let problem: unknown = null;
    let made: { id: string; job: string; percent: number; state: string; reason?: string; doing?: string; instance: Instance | null } | null = null;
    let end: (() => void) | null = null;

    const versions = loaded(listVersions);
    const sorted = (): string[] => (versions.value || []).map((one) => one.name).sort((a, b) => compare(b, a));
    const version = (): string => values.version || sorted().find((one) => one === "2022_SE") || sorted()[0] || "2022_SE";
    const flavors = loaded(() => listFlavors(version()));
    const storage = loaded(() => listStorage(version()));
    const collations = loaded(listCollations);
    const templates = loaded(listTemplates);
    const singles = (): Flavor[] => (flavors.value || []).filter((one) => one.instance_mode === "single")
        .sort((a, b) => Number(a.vcpus) - Number(b.vcpus) || a.ram - b.ram);
    const flavor = (): Flavor | undefined => singles().find((one) => one.spec_code === values.flavor) || singles()[0];
    const volume = (): string => values.storage || ((storage.value || [])[0] || { name: "CLOUDSSD" }).name;

    const checks: { [name: string]: () => string | null } = {
        name: () => (values.name ? (nameKept(values.name) ? null : t("problem_name")) : t("problem_required")),
        size: () => (sizeKept(values.size, 40) ? null : t("problem_size")),
        password: () => (passwordKept(values.password, "rdsuser") ? null : t("problem_password")),
        again: () => (values.again === values.password ? null : t("c_password_differs")),
        port: () => (portKept(values.port) ? null : t("problem_port")),
        keep: () => (/^\d+$/.test(values.keep) && Number(values.keep) >= 1 && Number(values.keep) <= 732 ? null : t("problem_name")),
    };
    const inStep: string[][] = [["name"], ["size"], ["password", "again", "port"], ["keep"], []];
    const bad = (which: number): boolean => inStep[which].some((name) => checks[name]());

    const field = (name: string, label: WordKey, more: Partial<Control> = {}): Child => control({
        name,
        label: t(label),
        value: values[name],
        problem: tried && checks[name] ? checks[name]() : null,
        onchange: (value) => {
            values[name] = value;
        },
        ...more,
    });

    const cards = (name: string, label: WordKey, options: [string, Child, Child][], chosen: string, changed?: () => void): Child =>
        m("fieldset.cards", m("legend", t(label)), options.map(([value, title, text]) =>
            m("label.card", { class: value === chosen ? "chosen" : "" },
                m("input[type=radio]", {
                    name,
                    value,
                    checked: value === chosen,
                    onchange: () => {
                        values[name] = value;
                        if (changed) changed();
                    },
                }), m("span.title", title), m("span.sub", text))));

    const views: (() => Child)[] = [
        () => [
            field("name", "name", { hint: t("c_name_hint") }),
            versions.value ? cards("version", "c_edition", sorted().map((one) => [one, product(one), one] as [string, Child, Child]),
                version(), () => {
                    void flavors.load();
                    void storage.load();
                }) : trouble(versions.error, versions.load) || waiting(),
            m("p.hint", t("c_edition_hint")),
        ],
        () => [
            flavors.value ? cards("flavor", "flavor", singles().map((one) => [one.spec_code,
                `${count("cores", Number(one.vcpus))} · ${t("gb", { n: one.ram })}`, one.spec_code] as [string, Child, Child]),
            flavor() ? flavor()!.spec_code : "") : trouble(flavors.error, flavors.load) || waiting(),
            m("p.hint", t("c_flavor_hint")),
            field("size", "c_size", { kind: "number", hint: t("c_size_hint"), attributes: { min: 40, max: 4000, step: 10 } }),
            (storage.value || []).length > 1 ? field("storage", "c_storage_type", {
                kind: "select",
                value: volume(),
                options: storage.value!.map((one) => ({ value: one.name, label: one.name })),
            }) : null,
        ],
        () => [
            field("password", "c_password", {
                kind: "password",
                hint: passwordHints(values.password, "rdsuser"),
                attributes: { autocomplete: "new-password" },
            }),
            field("again", "c_password_again", { kind: "password", attributes: { autocomplete: "new-password" } }),
            field("port", "port", { kind: "number", hint: t("port_hint") }),
        ],
        () => [
            field("keep", "keep_days", { kind: "number", hint: t("keep_days_hint"), attributes: { min: 1, max: 732 } }),
            field("window", "backup_start", { kind: "select", options: windows.map((one) => ({ value: one, label: one.replace("-", " – ") })) }),
            field("collation", "collation", {
                kind: "select",
                hint: t("c_collation_hint"),
                options: [...new Set([values.collation, ...(collations.value || [])])].sort(compare)
                    .map((one) => ({ value: one, label: one })),
            }),
            field("template", "template", {
                kind: "select",
                options: [{ value: "", label: t("template_default") }, ...(templates.value || [])
                    .filter((one) => one.user_defined && one.datastore_version_name === version())
                    .map((one) => ({ value: one.id, label: one.name }))],
            }),
        ],
        review,
    ];

    function review(): Child {
        const chosen = flavor();
        const part = (which: number, rows: [string, Child][]): Child => m(".review",
            m("header", m("h3", t(STEPS[which])), m("button.plain[type=button]", {
                "aria-label": `${t("edit")}: ${t(STEPS[which])}`,
                onclick: () => (step = which),
            }, t("edit"))), facts(rows));
        const template = (templates.value || []).find((one) => one.id === values.template);
        return [
            part(0, [[t("name"), values.name], [t("version"), product(version())]]),
            part(1, [[t("flavor"), chosen ? `${count("cores", Number(chosen.vcpus))}, ${t("gb", { n: chosen.ram })}` : "–"],
                [t("storage"), `${t("gb", { n: number(Number(values.size)) })} · ${volume()}`]]),
            part(2, [[t("login"), "rdsuser"], [t("port"), values.port]]),
            part(3, [[t("backups"), t("policy_text", {
                window: values.window.replace("-", " – "),
                days: count("days", Number(values.keep)),
            })], [t("collation"), values.collation], [t("template"), template ? template.name : t("template_default")]]),
        ];
    }

    async function send(): Promise<void> {
        const chosen = flavor();
        busy = true;
        problem = null;
        try {
            const reply = await createInstance({
                name: values.name,
                datastore: { type: "SQLServer", version: version() },
                flavor_ref: chosen ? chosen.spec_code : "",
                volume: { type: volume(), size: Number(values.size) },
                region: session()!.project.name.split("_")[0],
                availability_zone: chosen ? Object.keys(chosen.az_status)[0] : "",
                vpc_id: NETWORK("1"),
                subnet_id: NETWORK("2"),
                security_group_id: NETWORK("3"),
                password: values.password,
                port: values.port,
                collation: values.collation,
                backup_strategy: { start_time: values.window, keep_days: Number(values.keep) },
                configuration_id: values.template || undefined,
                charge_info: { charge_mode: "postPaid" },
            });
            made = { id: reply.instance.id, job: reply.job_id, percent: 0, state: "Running", instance: null };
            const mine = made;
            end = every(() => 400, async () => {
                if (mine.state !== "Running") return;
                const job = await showJob(reply.job_id);
                mine.percent = parseInt(job.process || "0", 10) || 0;
                if (job.status === "Completed") mine.instance = await showInstance(mine.id);
                mine.state = job.status;
                mine.reason = job.fail_reason;
                mine.doing = job.task_detail;
                m.redraw();
            });
        } catch (why) {
            problem = why;
        }
        busy = false;
        m.redraw();
    }

    function progressView(): Child {
        const now = made!;
        if (now.state === "Failed")
            return m(".making", m("h2", t("job_failed", { name: values.name })), trouble(new Error(now.reason || t("something_failed"))));
        if (now.instance)
            return m(".making", m("p.big", icon("check")), m("h2", t("s_active")),
                m("p.lead", t("created_text", { name: values.name })),
                connectStrings(now.instance),
                m("p", m("a.button.primary", { href: `#/instances/${now.id}` }, t("open_instance"))));
        return m(".making[role=status]", m("h2", t("creating", { name: values.name })), progress(now.percent, t("progress")),
            m("p.hint", `${now.percent} %${now.doing ? ` · ${words(now.doing)}` : ""}`));
    }

    return {
        onremove() {
            if (end) end();
            // The job goes on without this page.
            if (made && made.state === "Running") follow(t("creating", { name: values.name }), { job_id: made.job });
        },
        view: () => m(".page.narrow", m("header.head", m("h1", t("create_instance"))),
            made ? progressView() : m("form.wizard", {
                novalidate: true,
                onsubmit: (event: Event) => {
                    event.preventDefault();
                    tried = true;
                    if (bad(step)) {
                        requestAnimationFrame(() => document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
                        return;
                    }
                    tried = false;
                    if (step < STEPS.length - 1) {
                        step++;
                        requestAnimationFrame(() => document.getElementById("step-title")?.focus());
                    } else if (!busy) void send();
                },
            },
            m("ol.steps", STEPS.map((one, at) => m("li", {
                class: at === step ? "now" : at < step ? "past" : "",
                "aria-current": at === step ? "step" : "false",
            }, at < step ? m("button.plain[type=button]", { onclick: () => (step = at) }, t(one)) : m("span", t(one))))),
            [m(".body", { key: step }, m("h2#step-title[tabindex=-1]", t(STEPS[step])), m(".fields", views[step]()), trouble(problem))],
            m("footer", step ? m("button[type=button]", {
                onclick: () => {
                    step--;
                    tried = false;
                },
            }, t("previous")) : m("a.button", { href: "#/instances" }, t("cancel")),
            m("span.hint", t("step", { n: step + 1, total: STEPS.length })),
            m("button.primary[type=submit]", { disabled: busy, "aria-busy": String(busy) },
                t(step === STEPS.length - 1 ? "create" : "next"))))),
    };
}
