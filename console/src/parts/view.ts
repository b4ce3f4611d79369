// Small pieces of pages: states, tables, code to copy, toasts, empty places.
import m, { Child } from "mithril";
import { t, WordKey } from "../i18n";
import { icon, IconName } from "./icons";

type Tone = "good" | "busy" | "idle" | "bad";
const STATES: { [status: string]: [WordKey, Tone] } = {
    ACTIVE: ["s_active", "good"],
    BUILD: ["s_build", "busy"],
    SHUTDOWN: ["s_stopped", "idle"],
    REBOOTING: ["s_rebooting", "busy"],
    MODIFYING: ["s_modifying", "busy"],
    "MODIFYING INSTANCE TYPE": ["s_modifying", "busy"],
    "MODIFYING DATABASE PORT": ["s_modifying", "busy"],
    RESTORING: ["s_restoring", "busy"],
    "BACKING UP": ["s_backing", "busy"],
    "STORAGE FULL": ["s_full", "bad"],
    FAILED: ["s_failed", "bad"],
    "CREATE FAIL": ["s_failed", "bad"],
    FROZEN: ["s_frozen", "idle"],
    Completed: ["s_completed", "good"],
    COMPLETED: ["s_completed", "good"],
    Running: ["s_running", "busy"],
    BUILDING: ["s_running", "busy"],
    Failed: ["s_failed", "bad"],
    DELETING: ["s_deleting", "busy"],
};
export function state(status: string): Child {
    const [key, tone] = STATES[status] || [null, "idle"];
    return m("span.state", { class: tone }, key ? t(key) : status);
}
export const isBusy = (status: string): boolean => (STATES[status] || ["", "idle"])[1] === "busy";

export interface Column<T> {
    head: string;
    cell(row: T): Child;
    numeric?: boolean;
    // Not shown as a heading (buttons of a row).
    quiet?: boolean;
}
export function table<T>(name: string, columns: Column<T>[], rows: T[], key: (row: T) => string): Child {
    return m(".scroll[tabindex=0][role=region]", { "aria-label": name },
        m("table", m("thead", m("tr", columns.map((one) =>
            m("th[scope=col]", { class: one.numeric ? "numeric" : "" },
                one.quiet ? m("span.unseen", one.head) : one.head)))),
        m("tbody", rows.map((row) => m("tr", { key: key(row) }, columns.map((one) =>
            m("td", { "data-label": one.head, class: (one.numeric ? "numeric " : "") + (one.quiet ? "quiet" : "") }, one.cell(row))))))));
}

export const empty = (title: string, text?: string, more?: Child, sign?: IconName): Child =>
    m(".empty", sign ? icon(sign) : null, m("p.title", title), text ? m("p", text) : null, more || null);

export const waiting = (): Child => m(".waiting[role=status]", m("span.spinner"), t("loading"));

export const section = (title: string, side: Child, ...body: Child[]): Child =>
    m("section.panel", m("header", m("h2", title), m(".side", side)), ...body);

export const facts = (rows: [string, Child][]): Child =>
    m("dl.facts", rows.map(([name, value]) => m("div", m("dt", name), m("dd", value))));

let announced = "";
const toasts: { id: number; text: string; bad: boolean }[] = [];
let counter = 0;
export function toast(text: string, bad = false): void {
    const id = ++counter;
    toasts.push({ id, text, bad });
    announced = text;
    window.setTimeout(() => {
        toasts.splice(toasts.findIndex((one) => one.id === id), 1);
        m.redraw();
    }, bad ? 9000 : 4000);
    m.redraw();
}
export const toastArea = (): Child => [
    m(".toasts", toasts.map((one) => m(".toast", { key: one.id, class: one.bad ? "bad" : "" },
        icon(one.bad ? "warn" : "check"), one.text))),
    m(".unseen[aria-live=polite]", announced),
];

export async function copy(text: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // Without the right to the clipboard (plain HTTP): the old way, by a selection.
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
    }
    toast(t("copied"));
}
export const copyable = (text: string): Child =>
    m("span.copyable", m("code", text),
        m("button.bare[type=button]", { "aria-label": `${t("copy")} ${text}`, title: t("copy"), onclick: () => copy(text) }, icon("copy")));
export const codeBlock = (text: string, label: string): Child =>
    m(".code", m("pre[tabindex=0]", { "aria-label": label }, m("code", text)),
        m("button.bare[type=button]", { "aria-label": `${t("copy")}: ${label}`, title: t("copy"), onclick: () => copy(text) }, icon("copy")));
