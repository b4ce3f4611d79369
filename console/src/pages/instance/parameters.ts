// Parameters of an instance (or of a template): values to change, those that need a restart marked.
import m, { Child, Component } from "mithril";
import * as rds from "../../api/rds";
import { Parameter } from "../../api/types";
import { count, t } from "../../i18n";
import { follow } from "../../jobs";
import { ask } from "../../parts/dialog";
import { trouble } from "../../parts/form";
import { loaded } from "../../parts/state";
import { empty, section, table, toast, waiting } from "../../parts/view";
import { restart } from "./actions";
import type { TabAttributes } from "./index";

interface GridAttributes {
    title: string;
    side?: Child;
    load(): Promise<Parameter[]>;
    save?(values: { [name: string]: string }): Promise<unknown>;
}

export function ParameterGrid(vnode: m.Vnode<GridAttributes>): Component<GridAttributes> {
    const list = loaded(() => vnode.attrs.load());
    const changes = new Map<string, string>();
    let filter = "";
    let problem: unknown = null;
    let busy = false;

    const input = (one: Parameter): Child => {
        const value = changes.has(one.name) ? changes.get(one.name)! : one.value;
        if (one.readonly || !vnode.attrs.save) return m("code", value);
        const set = (now: string): void => {
            if (now === one.value) changes.delete(one.name);
            else changes.set(one.name, now);
        };
        const options = one.type === "boolean" ? one.value_range.split("|")
            : /^[^-]+(\|[^-]+)+$/.test(one.value_range) ? one.value_range.split("|") : null;
        return options ? m("select", {
            "aria-label": one.name,
            class: changes.has(one.name) ? "changed" : "",
            onchange: (event: Event) => set((event.target as HTMLSelectElement).value),
        }, options.map((option) => m("option", { value: option, selected: option === value }, option)))
            : m("input[type=text]", {
                "aria-label": one.name,
                class: changes.has(one.name) ? "changed" : "",
                inputmode: one.type === "integer" ? "numeric" : "text",
                value,
                oninput: (event: Event) => set((event.target as HTMLInputElement).value),
            });
    };
    const save = async (): Promise<void> => {
        busy = true;
        problem = null;
        try {
            await vnode.attrs.save!(Object.fromEntries(changes));
            changes.clear();
            void list.load();
        } catch (why) {
            problem = why;
        }
        busy = false;
        m.redraw();
    };
    return {
        view({ attrs }) {
            const some = (list.value || []).filter((one) => `${one.name} ${one.description}`.toLowerCase().includes(filter.toLowerCase()));
            return section(attrs.title, attrs.side,
                trouble(list.error, list.load),
                !list.value ? (list.error ? null : waiting()) : [
                    m("input.filter[type=search]", {
                        "aria-label": t("search_parameters"),
                        placeholder: t("search_parameters"),
                        value: filter,
                        oninput: (event: Event) => (filter = (event.target as HTMLInputElement).value),
                    }),
                    some.length ? table(attrs.title, [
                        {
                            head: t("parameter"),
                            cell: (one) => m(".title", m("span.main", one.name,
                                one.restart_required ? m("span.mark", t("needs_restart")) : null), m("span.sub", one.description)),
                        },
                        { head: t("value"), cell: input },
                        { head: t("allowed"), cell: (one) => m("span.soft", one.value_range || "–") },
                    ], some, (one) => one.name) : empty(t("nothing_matches", { text: filter })),
                ],
                trouble(problem),
                changes.size ? m(".savebar[role=status]", m("span", count("changes", changes.size)), m(".space"),
                    m("button[type=button]", { onclick: () => changes.clear() }, t("discard")),
                    m("button.primary[type=button]", { disabled: busy, onclick: save }, t("save"))) : null);
        },
    };
}

export function Parameters(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    let generation = 0;
    let restartNeeded = false;
    const apply = async (): Promise<void> => {
        const one = vnode.attrs.instance;
        const templates = (await rds.listTemplates()).filter((each) => each.datastore_version_name === one.datastore.version);
        ask({
            title: `${t("apply_template")} – ${one.name}`,
            submit: t("apply_template"),
            fields: [{
                name: "template",
                label: t("template"),
                kind: "select",
                value: templates[0] && templates[0].id,
                options: templates.map((each) => ({ value: each.id, label: each.name })),
            }],
            send: async ({ template }) => follow(t("apply_template"), await rds.applyTemplate(template, id), () => generation++),
        });
        m.redraw();
    };
    return {
        view: ({ attrs }) => [
            restartNeeded ? m(".note[role=status]", { key: "note" }, t("params_restart"), " ", m("button.plain[type=button]", {
                onclick: () => {
                    restartNeeded = false;
                    restart(attrs.instance);
                },
            }, t("restart_now"))) : null,
            m(ParameterGrid, {
                key: `grid-${generation}`,
                title: t("parameters"),
                side: m("button[type=button]", { onclick: apply }, t("apply_template")),
                load: async () => (await rds.instanceParameters(id)).configuration_parameters,
                save: async (values: { [name: string]: string }) => {
                    const reply = await rds.setParameters(id, values);
                    restartNeeded = restartNeeded || reply.restart_required;
                    follow(t("parameters"), reply, () => generation++);
                    toast(t("params_saved"));
                },
            } as any),
        ].filter(Boolean),
    };
}
