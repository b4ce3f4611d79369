// Overview of an instance: live charts, connect strings, configuration, tags.
import m, { Component } from "mithril";
import { certificateLink, changeTags, metrics, Series, setMaintenance } from "../../api/rds";
import { Instance } from "../../api/types";
import { count, moment, number, percent, t, WordKey } from "../../i18n";
import { ask } from "../../parts/dialog";
import { Chart } from "../../parts/charts";
import { trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { every } from "../../parts/state";
import { copyable, facts, section, toast } from "../../parts/view";
import { product } from "../catalogue";
import { METRICS } from "../instances";
import { connectStrings } from "./connect";
import type { TabAttributes } from "./index";

const RANGES: [WordKey, number, number][] = [
    ["range_1h", 3600e3, 1],
    ["range_6h", 6 * 3600e3, 300],
    ["range_24h", 24 * 3600e3, 1200],
    ["range_7d", 7 * 86400e3, 3600],
];

export function Overview(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    let range = 0;
    let series: Series = {};
    let to = Date.now();
    let problem: unknown = null;
    const read = async (): Promise<void> => {
        const [, span, period] = RANGES[range];
        const now = Date.now();
        try {
            series = (await metrics([id], METRICS, now - span, now, period)).get(id) || {};
            problem = null;
        } catch (why) {
            problem = why;
        }
        to = now;
    };
    void read();
    const end = every(() => 10000, read);

    const chart = (at: number, name: string, show: (v: number) => string, more: { end?: number; least?: number } = {}): m.Child =>
        m(Chart as any, { name, points: series[METRICS[at]] || [], from: to - RANGES[range][1], to, show, ...more });

    async function certificate(): Promise<void> {
        try {
            const link = document.createElement("a");
            link.href = await certificateLink(id);
            link.download = "";
            link.click();
        } catch (why) {
            toast((why as Error).message || t("something_failed"), true);
        }
    }
    function maintenance(one: Instance, changed: () => void): void {
        const [from, until] = (one.maintenance_window || "02:00-06:00").split("-");
        ask({
            title: t("maintenance"),
            text: t("maintenance_hint"),
            submit: t("save"),
            fields: [
                { name: "from", label: t("starts"), kind: "time", value: from },
                { name: "until", label: t("ends"), kind: "time", value: until },
            ],
            send: async (values) => {
                await setMaintenance(one.id, values.from, values.until);
                changed();
            },
        });
    }
    function addTag(one: Instance, changed: () => void): void {
        ask({
            title: t("add_tag"),
            submit: t("add"),
            fields: [
                { name: "key", label: t("tag_key"), check: (v) => (v.length <= 36 ? null : t("problem_name")) },
                { name: "value", label: t("value"), optional: true, check: (v) => (v.length <= 43 ? null : t("problem_name")) },
            ],
            send: async ({ key, value }) => {
                await changeTags(one.id, "create", [{ key, value }]);
                changed();
            },
        });
    }

    return {
        onremove: end,
        view({ attrs: { instance: one, changed } }) {
            return [
                section(t("monitoring"), m(".segmented", { role: "group", "aria-label": t("range") },
                    RANGES.map(([word], at) => m("button[type=button]", {
                        "aria-pressed": String(at === range),
                        onclick: () => {
                            range = at;
                            void read();
                        },
                    }, t(word)))),
                trouble(problem, () => void read()),
                m(".charts",
                    chart(0, t("cpu"), (v) => percent(v / 100), { end: 100 }),
                    chart(1, t("connections"), (v) => number(v, v < 10 && v % 1 ? 1 : 0), { least: 4 }),
                    chart(2, t("batches"), (v) => number(v, v < 10 ? 1 : 0), { least: 4 }),
                    chart(3, t("storage_used"), (v) => t("gb", { n: number(v, v < 10 ? 1 : 0) }), { end: one.volume.size }))),
                section(t("connect"), m("button[type=button]", { onclick: () => void certificate() }, icon("download"), t("certificate")),
                    connectStrings(one)),
                m(".two",
                    section(t("configuration"), null, facts([
                        [t("version"), `${product(one.datastore.version)}${one.datastore.complete_version ? ` (${one.datastore.complete_version})` : ""}`],
                        [t("flavor"), `${count("cores", Number(one.cpu))}, ${t("gb", { n: one.mem })}`],
                        ["", m("code.soft", one.flavor_ref)],
                        [t("storage"), `${t("gb", { n: number(one.volume.size) })} · ${one.volume.type}`],
                        [t("collation"), one.collation || "–"],
                        [t("time_zone"), one.time_zone || "UTC"],
                        [t("maintenance"), [`${(one.maintenance_window || "–").replace("-", " – ")} UTC `,
                            m("button.plain[type=button]", {
                                "aria-label": `${t("edit")}: ${t("maintenance")}`,
                                onclick: () => maintenance(one, changed),
                            }, t("edit"))]],
                        [t("created"), moment(one.created)],
                        ["ID", copyable(one.id)],
                    ])),
                    section(t("tags"), m("button[type=button]", { onclick: () => addTag(one, changed) }, icon("plus"), t("add_tag")),
                        one.tags && one.tags.length ? m("ul.chips", one.tags.map((tag) => m("li", { key: tag.key },
                            m("span.key", tag.key), tag.value ? m("span", tag.value) : null,
                            m("button.bare[type=button]", {
                                "aria-label": `${t("remove")} ${tag.key}`,
                                onclick: () => void changeTags(one.id, "delete", [tag]).then(changed, (why) => (problem = why)),
                            }, icon("close"))))) : m("p.hint", t("no_tags")))),
            ];
        },
    };
}
