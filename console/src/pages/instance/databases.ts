// Databases of an instance.
import m, { Component } from "mithril";
import { createDatabase, deleteDatabase, listDatabases } from "../../api/rds";
import { compare, t } from "../../i18n";
import { follow, onJobs } from "../../jobs";
import { ask } from "../../parts/dialog";
import { trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { loaded } from "../../parts/state";
import { empty, section, table, waiting } from "../../parts/view";
import type { TabAttributes } from "./index";

export const databaseNameKept = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name);

export function Databases(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    const list = loaded(() => listDatabases(id));
    const end = onJobs(() => void list.load());
    const create = (): void => ask({
        title: t("create_database"),
        submit: t("create"),
        fields: [{
            name: "name",
            label: t("name"),
            hint: t("database_hint"),
            check: (value) => (databaseNameKept(value) ? null : t("problem_name")),
        }],
        send: async ({ name }) => {
            await createDatabase(id, name);
            void list.load();
        },
    });
    const remove = (name: string): void => ask({
        title: `${t("delete")} – ${name}`,
        text: t("delete_database_text"),
        submit: t("delete"),
        danger: true,
        confirm: name,
        send: async () => {
            follow(`${t("delete")} – ${name}`, await deleteDatabase(id, name));
            void list.load();
        },
    });
    return {
        onremove: end,
        view: () => section(t("databases"),
            m("button.primary[type=button]", { onclick: create }, icon("plus"), t("create_database")),
            trouble(list.error, list.load),
            !list.value ? (list.error ? null : waiting()) : list.value.length ? table(t("databases"), [
                { head: t("name"), cell: (one) => m("strong", one.name) },
                { head: t("collation"), cell: (one) => one.character_set || "–" },
                { head: t("status"), cell: (one) => one.state || "–" },
                {
                    head: t("actions"),
                    quiet: true,
                    cell: (one) => [
                        m("a.button.plain", { href: `#/instances/${id}/query?db=${encodeURIComponent(one.name)}` }, t("query")),
                        m("button.plain.dangerous[type=button]", {
                            "aria-label": `${t("delete")} ${one.name}`,
                            onclick: () => remove(one.name),
                        }, t("delete")),
                    ],
                },
            ], [...list.value].sort((a, b) => compare(a.name, b.name)), (one) => one.name) : empty(t("no_databases"))),
    };
}
