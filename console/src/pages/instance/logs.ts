// The error log and the slow queries of an instance.
import m, { Component } from "mithril";
import { listErrors, listSlow } from "../../api/rds";
import { moment, t, WordKey } from "../../i18n";
import { trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { loaded } from "../../parts/state";
import { empty, section, table, waiting } from "../../parts/view";
import type { TabAttributes } from "./index";
import { offer } from "./query";

const SPANS: [WordKey, number][] = [["range_1h", 3600e3], ["range_24h", 86400e3], ["range_7d", 7 * 86400e3]];

export function Logs(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    let span = 1;
    let level = "ALL";
    const since = (): Date => new Date(Date.now() - SPANS[span][1]);
    const errors = loaded(() => listErrors(id, since(), new Date(), level));
    const slow = loaded(() => listSlow(id, since(), new Date()));
    const both = (): void => {
        void errors.load();
        void slow.load();
    };
    return {
        view: () => [
            section(t("error_log"), [
                m("select", {
                    "aria-label": t("level"),
                    onchange: (event: Event) => {
                        level = (event.target as HTMLSelectElement).value;
                        void errors.load();
                    },
                }, ["ALL", "INFO", "WARNING", "ERROR", "FATAL"].map((one) =>
                    m("option", { value: one, selected: one === level }, one === "ALL" ? t("all") : one))),
                m(".segmented", { role: "group", "aria-label": t("range") }, SPANS.map(([word], at) => m("button[type=button]", {
                    "aria-pressed": String(at === span),
                    onclick: () => {
                        span = at;
                        both();
                    },
                }, t(word)))),
                m("button[type=button]", { onclick: both }, icon("refresh"), t("refresh")),
            ],
            trouble(errors.error, errors.load),
            !errors.value ? (errors.error ? null : waiting()) : errors.value.length ? table(t("error_log"), [
                { head: t("time"), cell: (one) => m("span.soft.nowrap", moment(one.time, true)) },
                { head: t("level"), cell: (one) => m("span.level", { class: one.level.toLowerCase() }, one.level) },
                { head: t("message"), cell: (one) => m("code.text", one.content) },
            ], errors.value, (one) => `${one.time}${one.content}${errors.value!.indexOf(one)}`) : empty(t("no_log"))),
            section(t("slow_log"), null, trouble(slow.error, slow.load),
                !slow.value ? (slow.error ? null : waiting()) : slow.value.length ? table(t("slow_log"), [
                    { head: t("statement"), cell: (one) => m("code.text", one.query_sample) },
                    { head: t("database"), cell: (one) => one.database || "–" },
                    { head: t("time"), numeric: true, cell: (one) => one.time },
                    { head: t("executions"), numeric: true, cell: (one) => one.count },
                    {
                        head: t("actions"),
                        quiet: true,
                        cell: (one) => m("button.plain[type=button]", {
                            onclick: () => {
                                offer(id, one.query_sample, one.database);
                                m.route.set(`/instances/${id}/query`);
                            },
                        }, t("open_in_editor")),
                    },
                ], slow.value, (one) => `${one.query_sample}${slow.value!.indexOf(one)}`) : empty(t("no_slow"))),
        ],
    };
}
