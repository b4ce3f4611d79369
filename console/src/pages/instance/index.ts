// The page of one instance: its heading with actions, its tabs, and the tab that is open.
import m, { Child, Component } from "mithril";
import { showInstance } from "../../api/rds";
import { Instance } from "../../api/types";
import { t, WordKey } from "../../i18n";
import { anyJob, jobOf, onJobs, percentOf, progress } from "../../jobs";
import { Menu } from "../../parts/dialog";
import { trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { every, loaded } from "../../parts/state";
import { copyable, empty, isBusy, state, waiting } from "../../parts/view";
import { product } from "../catalogue";
import { Accounts } from "./accounts";
import { actionsOf, restart, start } from "./actions";
import { Backups } from "./backups";
import { Databases } from "./databases";
import { InstanceJobs } from "../jobs";
import { Logs } from "./logs";
import { Overview } from "./overview";
import { Parameters } from "./parameters";
import { QueryEditor } from "./query";

export interface TabAttributes {
    instance: Instance;
    changed(): void;
}
type Tab = (vnode: m.Vnode<TabAttributes>) => Component<TabAttributes>;
const TABS: [string, WordKey, Tab][] = [
    ["overview", "overview", Overview],
    ["query", "query", QueryEditor],
    ["databases", "databases", Databases],
    ["accounts", "accounts", Accounts],
    ["backups", "backups", Backups],
    ["parameters", "parameters", Parameters],
    ["logs", "logs", Logs],
    ["jobs", "jobs", InstanceJobs],
];

export function InstancePage(vnode: m.Vnode<{ id: string; tab?: string }>): Component<{ id: string; tab?: string }> {
    const { id } = vnode.attrs;
    const about = loaded(() => showInstance(id));
    const busy = (): boolean => anyJob() || !!(about.value && isBusy(about.value.status));
    const ends = [every(() => (busy() ? 1200 : 6000), about.load), onJobs(() => void about.load())];

    function heading(one: Instance): Child {
        const job = jobOf(one.id);
        const off = one.status === "SHUTDOWN";
        return m("header.head.instance",
            m(".titles",
                m("p.trail", m("a", { href: "#/instances" }, t("instances")), m("span", "/")),
                m("h1", one.name),
                m(".about", state(one.status), m("span", product(one.datastore.version)),
                    one.private_ips.length ? copyable(`${one.private_ips[0]}:${one.port}`) : null)),
            m(".space"),
            m(".buttons",
                off ? m("button.primary[type=button]", { onclick: () => start(one) }, icon("play"), t("start"))
                    : m("button[type=button]", { disabled: isBusy(one.status), onclick: () => restart(one) }, icon("refresh"), t("restart")),
                m(Menu, { label: t("more_actions"), name: [t("actions"), icon("down")], actions: actionsOf(one, () => void about.load()) })),
            job ? progress(percentOf(job), job.name) : null);
    }

    return {
        onremove: () => ends.forEach((end) => end()),
        view({ attrs }) {
            const one = about.value;
            const open = TABS.find(([name]) => name === (attrs.tab || "overview")) || TABS[0];
            if (one === undefined) return m(".page", about.error ? trouble(about.error, about.load) : waiting());
            if (!one)
                return m(".page", empty(t("not_found"), t("not_found_text"),
                    m("a.button", { href: "#/recycle" }, t("recycle")), "server"));
            return m(".page", heading(one),
                m("nav.tabs", { "aria-label": one.name }, TABS.map(([name, word]) => m("a", {
                    href: `#/instances/${id}${name === "overview" ? "" : `/${name}`}`,
                    "aria-current": name === open[0] ? "page" : "false",
                }, t(word)))),
                trouble(about.error),
                [m(".tab", { key: open[0] }, m(open[2] as any, { instance: one, changed: () => void about.load() }))]);
        },
    };
}
