// Parameter templates: the list, and one with its values.
import m, { Component } from "mithril";
import * as rds from "../api/rds";
import { Template } from "../api/types";
import { compare, moment, t } from "../i18n";
import { ask } from "../parts/dialog";
import { trouble } from "../parts/form";
import { icon } from "../parts/icons";
import { loaded } from "../parts/state";
import { table, toast, waiting } from "../parts/view";
import { product } from "./catalogue";
import { ParameterGrid } from "./instance/parameters";

export function Templates(): Component {
    const list = loaded(rds.listTemplates);
    const create = async (): Promise<void> => {
        const versions = (await rds.listVersions()).map((one) => one.name).sort((a, b) => compare(b, a));
        ask({
            title: t("create_template"),
            submit: t("create"),
            fields: [
                { name: "name", label: t("name"), check: (value) => (/^[A-Za-z0-9_.-]{1,64}$/.test(value) ? null : t("problem_name")) },
                { name: "description", label: t("description"), optional: true },
                { name: "version", label: t("version"), kind: "select", value: versions[0], options: versions.map((one) => ({ value: one, label: product(one) })) },
            ],
            send: async ({ name, description, version }) => {
                const made = await rds.createTemplate({ name, description, datastore: { type: "SQLServer", version } });
                m.route.set(`/templates/${made.configuration.id}`);
            },
        });
        m.redraw();
    };
    const remove = (one: Template): void => ask({
        title: `${t("delete")} – ${one.name}`,
        text: t("delete_template_text"),
        submit: t("delete"),
        danger: true,
        send: async () => {
            await rds.deleteTemplate(one.id);
            void list.load();
        },
    });
    return {
        view: () => m(".page", m("header.head", m("h1", t("templates")), m(".space"),
            m("button.primary[type=button]", { onclick: create }, icon("plus"), t("create_template"))),
        trouble(list.error, list.load),
        !list.value ? (list.error ? null : waiting()) : m("section.panel", table(t("templates"), [
            { head: t("name"), cell: (one) => m(".title", m("a.main", { href: `#/templates/${one.id}` }, one.name), m("span.sub", one.description || "")) },
            { head: t("version"), cell: (one) => product(one.datastore_version_name) },
            { head: t("type"), cell: (one) => t(one.user_defined ? "own_template" : "system_template") },
            { head: t("created"), cell: (one) => moment(one.created) },
            {
                head: t("actions"),
                quiet: true,
                cell: (one) => (one.user_defined ? m("button.plain.dangerous[type=button]", {
                    "aria-label": `${t("delete")} ${one.name}`,
                    onclick: () => remove(one),
                }, t("delete")) : null),
            },
        ], [...list.value].sort((a, b) => Number(b.user_defined) - Number(a.user_defined) || compare(a.name, b.name)), (one) => one.id))),
    };
}

export function TemplatePage(vnode: m.Vnode<{ id: string }>): Component<{ id: string }> {
    const { id } = vnode.attrs;
    // Only the list tells whose a template is; those of the system cannot be changed.
    const about = loaded(async () => {
        const [one, all] = await Promise.all([rds.showTemplate(id), rds.listTemplates()]);
        return { ...one, user_defined: all.some((each) => each.id === id && each.user_defined) };
    });
    return {
        view() {
            const one = about.value;
            if (!one) return m(".page", about.error ? trouble(about.error, about.load) : waiting());
            return m(".page", m("header.head.instance", m(".titles",
                m("p.trail", m("a", { href: "#/templates" }, t("templates")), m("span", "/")),
                m("h1", one.name), m(".about", product(one.datastore_version_name)))),
            m(ParameterGrid, {
                title: t("parameters"),
                load: async () => (await rds.showTemplate(id)).configuration_parameters,
                save: one.user_defined ? async (values: { [name: string]: string }) => {
                    await rds.updateTemplate(id, values);
                    toast(t("params_saved"));
                } : undefined,
            } as any));
        },
    };
}
