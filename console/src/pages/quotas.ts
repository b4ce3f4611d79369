// Quotas of the project.
import m, { Component } from "mithril";
import { listQuotas } from "../api/rds";
import { number, t, WordKey } from "../i18n";
import { meter } from "../parts/charts";
import { trouble } from "../parts/form";
import { loaded } from "../parts/state";
import { waiting } from "../parts/view";

const NAMES: { [type: string]: WordKey } = {
    instance: "quota_instance",
    volume: "quota_volume",
    backup: "quota_backup",
    configuration: "quota_template",
};

export function Quotas(): Component {
    const list = loaded(listQuotas);
    return {
        view: () => m(".page.narrow", m("header.head", m("h1", t("quotas"))), m("p.lead", t("quota_text")),
            trouble(list.error, list.load),
            !list.value ? (list.error ? null : waiting()) : m("section.panel", m("ul.quotas", list.value.map((one) => {
                const name = NAMES[one.type] ? t(NAMES[one.type]) : one.type;
                return m("li", { key: one.type }, m(".line", m("strong", name),
                    m("span", t("of", { used: number(one.used), total: one.quota < 0 ? "∞" : number(one.quota) }))),
                meter(one.quota > 0 ? one.used / one.quota : 0, name));
            })))),
    };
}
