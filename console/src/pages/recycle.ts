// The recycle bin: deleted instances, and rebuilding them.
import m, { Component } from "mithril";
import { createInstance, listFlavors, listRecycled } from "../api/rds";
import { RecycledInstance } from "../api/types";
import { count, moment, t } from "../i18n";
import { follow, onJobs } from "../jobs";
import { ask } from "../parts/dialog";
import { passwordHints, passwordKept, trouble } from "../parts/form";
import { loaded } from "../parts/state";
import { empty, table, waiting } from "../parts/view";
import { session } from "../session";
import { nameKept, product } from "./catalogue";

export function Recycle(): Component {
    const list = loaded(listRecycled);
    const end = onJobs(() => void list.load());
    const rebuild = async (one: RecycledInstance): Promise<void> => {
        const flavors = (await listFlavors(one.engine_version)).filter((flavor) => flavor.instance_mode === "single")
            .sort((a, b) => Number(a.vcpus) - Number(b.vcpus) || a.ram - b.ram);
        ask({
            title: `${t("rebuild")} – ${one.name}`,
            text: t("rebuild_text"),
            submit: t("rebuild"),
            fields: [
                { name: "name", label: t("name"), value: one.name, hint: t("c_name_hint"), check: (value) => (nameKept(value) ? null : t("problem_name")) },
                {
                    name: "flavor",
                    label: t("flavor"),
                    kind: "select",
                    value: flavors[0] && flavors[0].spec_code,
                    options: flavors.map((flavor) => ({
                        value: flavor.spec_code,
                        label: `${count("cores", Number(flavor.vcpus))}, ${t("gb", { n: flavor.ram })}`,
                    })),
                },
                {
                    name: "password",
                    label: t("c_password"),
                    kind: "password",
                    hint: (value) => passwordHints(value, "rdsuser"),
                    check: (value) => (passwordKept(value, "rdsuser") ? null : t("problem_password")),
                    attributes: { autocomplete: "new-password" },
                },
            ],
            send: async ({ name, flavor, password }) => {
                const chosen = flavors.find((each) => each.spec_code === flavor);
                const reply = await createInstance({
                    name,
                    datastore: { type: "SQLServer", version: one.engine_version },
                    flavor_ref: flavor,
                    volume: { type: one.volume_type, size: one.volume_size },
                    region: session()!.project.name.split("_")[0],
                    availability_zone: chosen ? Object.keys(chosen.az_status)[0] : "",
                    vpc_id: "1".padStart(32, "0"),
                    subnet_id: "2".padStart(32, "0"),
                    security_group_id: "3".padStart(32, "0"),
                    password,
                    restore_point: { instance_id: one.id, type: "backup", backup_id: one.recycle_backup_id },
                });
                follow(`${t("rebuild")} – ${name}`, reply);
                m.route.set("/instances");
            },
        });
        m.redraw();
    };
    return {
        onremove: end,
        view: () => m(".page", m("header.head", m("h1", t("recycle"))),
            trouble(list.error, list.load),
            !list.value ? (list.error ? null : waiting()) : list.value.length ? m("section.panel", table(t("recycle"), [
                { head: t("name"), cell: (one) => m(".title", m("span.main", one.name), m("span.sub", product(one.engine_version))) },
                { head: t("storage"), cell: (one) => t("gb", { n: one.volume_size }) },
                { head: t("deleted"), cell: (one) => moment(one.deleted_at) },
                { head: t("kept_until"), cell: (one) => moment(one.retained_until) },
                {
                    head: t("actions"),
                    quiet: true,
                    cell: (one) => m("button[type=button]", {
                        "aria-label": `${t("rebuild")} ${one.name}`,
                        onclick: () => void rebuild(one),
                    }, t("rebuild")),
                },
            ], list.value, (one) => one.id)) : empty(t("no_recycled"), undefined, null, "bin")),
    };
}
