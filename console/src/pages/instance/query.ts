// The query editor: T-SQL in, results and messages out, and a way to cancel.
import m, { Child, Component } from "mithril";
import { cancelQuery, listDatabases, runQuery } from "../../api/rds";
import { QueryAnswer, QueryResult } from "../../api/types";
import { compare, count, number, t } from "../../i18n";
import { control, trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { loaded } from "../../parts/state";
import { section } from "../../parts/view";
import { coloured } from "./tsql";
import type { TabAttributes } from "./index";

interface Editor {
    text: string;
    database: string;
    user: string;
    password: string;
    history: string[];
    answer: QueryAnswer | null;
    seconds: number;
    open: number;
    problem: unknown;
    stopped: boolean;
}
// One each instance: texts stay while one walks through the console; passwords never leave memory.
const editors = new Map<string, Editor>();
const SHOWN = 500;
const editorOf = (id: string): Editor => {
    if (!editors.has(id))
        editors.set(id, {
            text: "SELECT name, database_id, create_date\nFROM sys.databases\nORDER BY name;",
            database: "master", user: "rdsuser", password: "", history: [], answer: null, seconds: 0, open: 0,
            problem: null, stopped: false,
        });
    return editors.get(id)!;
};
export function offer(id: string, text: string, database?: string): void {
    Object.assign(editorOf(id), { text, database: database || editorOf(id).database });
}

function csv(result: QueryResult): void {
    const cell = (value: string | null): string => (value === null ? "" : /[",\n\r]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
    const lines = [result.columns.map((one) => one.name), ...result.rows].map((row) => row.map(cell).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`\ufeff${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
    link.download = "result.csv";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
const NUMERIC = /^(tinyint|smallint|int|bigint|decimal|numeric|money|smallmoney|float|real)/;

function grid(result: QueryResult): Child {
    const rows = result.rows.slice(0, SHOWN);
    return m(".grid[tabindex=0][role=region]", { "aria-label": t("results") },
        m("table", m("thead", m("tr", m("th.n[scope=col]", m("span.unseen", "#")), result.columns.map((one) =>
            m("th[scope=col]", { title: one.type, class: NUMERIC.test(one.type) ? "numeric" : "" }, one.name || "(No column name)")))),
        m("tbody", rows.map((row, at) => m("tr", m("th.n[scope=row]", at + 1), row.map((value, column) =>
            m("td", { class: (NUMERIC.test(result.columns[column].type) ? "numeric " : "") + (value === null ? "null" : "") },
                value === null ? "NULL" : value)))))));
}

export function QueryEditor(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    const editor = editorOf(id);
    const asked = m.route.param("db");
    if (asked) editor.database = asked;
    const databases = loaded(() => listDatabases(id));
    let abort: AbortController | null = null;
    let began = 0;
    let tried = false;
    let ticker = 0;
    let area: HTMLTextAreaElement;

    let running = "";
    // The answer is no longer waited for, and the server is told to end the batch.
    const cancel = (): void => {
        if (!abort) return;
        abort.abort();
        void cancelQuery(id, running).catch(() => undefined);
    };
    const stop = (): void => {
        window.clearInterval(ticker);
        abort = null;
    };
    async function run(): Promise<void> {
        tried = true;
        if (abort || !editor.password || !editor.text.trim()) {
            if (!editor.password) document.getElementById("f-q-password")?.focus();
            return;
        }
        const chosen = editor.text.slice(area.selectionStart, area.selectionEnd).trim();
        const sql = chosen || editor.text;
        const mine = new AbortController();
        abort = mine;
        began = Date.now();
        running = `${began.toString(36)}${Math.random().toString(36).slice(2, 12)}`;
        ticker = window.setInterval(m.redraw, 200);
        Object.assign(editor, { answer: null, problem: null, stopped: false });
        try {
            editor.answer = await runQuery(id, {
                database: editor.database, user: editor.user, password: editor.password, sql,
                query_id: running, max_rows: 5000, timeout: 300,
            }, mine.signal);
            editor.open = editor.answer.results.length ? 0 : -1;
            if (editor.answer.messages.some((one) => one.severity > 10)) editor.open = -1;
            editor.history = [sql, ...editor.history.filter((one) => one !== sql)].slice(0, 20);
        } catch (why) {
            if ((why as Error).name === "AbortError") editor.stopped = true;
            else editor.problem = why;
        }
        editor.seconds = (Date.now() - began) / 1000;
        stop();
        m.redraw();
    }
    const failed = (): boolean => !!editor.answer && editor.answer.messages.some((one) => one.severity > 10);
    const status = (): Child => {
        const seconds = number(editor.seconds, 2);
        if (abort) return [m("span.spinner"), t("q_running", { seconds: number((Date.now() - began) / 1000, 1) })];
        if (editor.stopped) return t("q_stopped");
        if (!editor.answer) return m("span.soft", t("run_hint"));
        return m("span", { class: failed() ? "bad" : "good" }, t(failed() ? "q_failed" : "q_done", { seconds }));
    };
    function output(answer: QueryAnswer): Child {
        const shown = answer.results[editor.open];
        const tab = (at: number, label: string, more?: Child): Child => m("button[type=button][role=tab]", {
            "aria-selected": String(editor.open === at),
            onclick: () => (editor.open = at),
        }, label, more);
        return m(".output",
            m(".tabs.small[role=tablist]", { "aria-label": t("results") },
                answer.results.map((one, at) => tab(at, answer.results.length > 1 ? t("result_n", { n: at + 1 }) : t("results"),
                    m("span.badge", number(one.row_count)))),
                tab(-1, t("messages"), answer.messages.length ? m("span.badge", answer.messages.length) : null)),
            shown ? [grid(shown), m(".under", m("span", count("rows", shown.row_count)),
                shown.truncated || shown.rows.length > SHOWN ? m("span.soft", t("q_truncated", { n: number(Math.min(SHOWN, shown.rows.length)) })) : null,
                m(".space"), m("button.plain[type=button]", { onclick: () => csv(shown) }, icon("download"), t("csv")))]
                : m(".messages[tabindex=0][role=region]", { "aria-label": t("messages") }, answer.messages.length ? answer.messages.map((one) =>
                    m("p", { class: one.severity > 10 ? "bad" : "" }, one.severity > 10 || one.number
                        ? m("span.ids", t("q_line", {
                            number: one.number, severity: one.severity, state: one.state, line: one.line,
                        })) : null, one.text)) : m("p", t("q_ok"))));
    }
    const input = (name: "database" | "user" | "password", label: string, more: { [key: string]: any }): Child => control({
        name: `q-${name}`,
        label,
        value: editor[name],
        onchange: (value) => {
            editor[name] = value;
        },
        ...more,
    });
    return {
        onremove: cancel,
        view: () => section(t("query"), status(),
            m("form.query", {
                novalidate: true,
                onsubmit: (event: Event) => {
                    event.preventDefault();
                    void run();
                },
            },
            m(".bar",
                input("database", t("database"), {
                    kind: "select",
                    options: [...new Set(["master", editor.database, ...(databases.value || []).map((one) => one.name)])].sort(compare)
                        .map((one) => ({ value: one, label: one })),
                }),
                input("user", t("login"), { attributes: { autocomplete: "off" } }),
                input("password", t("password"), {
                    kind: "password",
                    problem: tried && !editor.password ? t("problem_required") : null,
                    attributes: { autocomplete: "off" },
                }),
                m(".buttons", abort
                    ? m("button.danger[type=button]", { onclick: cancel }, icon("stop"), t("cancel"))
                    : m("button.primary[type=submit]", icon("play"), t("run")))),
            m(".editor", m("pre[aria-hidden=true]", coloured(editor.text), "\n"),
                m("textarea", {
                    "aria-label": t("statements"),
                    spellcheck: false,
                    autocapitalize: "off",
                    value: editor.text,
                    oncreate: (node: any) => (area = node.dom),
                    oninput: (event: Event) => (editor.text = (event.target as HTMLTextAreaElement).value),
                    onscroll: (event: Event) => {
                        const from = event.target as HTMLElement;
                        const pre = from.previousElementSibling as HTMLElement;
                        pre.scrollTop = from.scrollTop;
                        pre.scrollLeft = from.scrollLeft;
                    },
                    onkeydown: (event: KeyboardEvent) => {
                        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
                        event.preventDefault();
                        void run();
                    },
                })),
            editor.history.length ? m("select.history", {
                "aria-label": t("history"),
                onchange: (event: Event) => {
                    const at = (event.target as HTMLSelectElement).value;
                    if (at) editor.text = editor.history[Number(at)];
                },
            }, m("option", { value: "", selected: true }, t("history")), editor.history.map((one, at) =>
                m("option", { value: String(at) }, one.replace(/\s+/g, " ").slice(0, 80)))) : null),
            trouble(editor.problem),
            editor.answer ? output(editor.answer) : editor.problem ? null : m("p.first", t("q_first"))),
    };
}
