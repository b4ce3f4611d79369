// What can be done with an instance as a whole: each asks what it must know, then follows its job.
import m from "mithril";
import * as rds from "../../api/rds";
import { Instance } from "../../api/types";
import { compare, count, t } from "../../i18n";
import { follow } from "../../jobs";
import { Action, ask } from "../../parts/dialog";
import { passwordHints, passwordKept, portKept, sizeKept } from "../../parts/form";
import { toast } from "../../parts/view";
import { nameKept } from "../catalogue";

export function restart(one: Instance): void {
    ask({
        title: `${t("restart")} – ${one.name}`,
        text: t("restart_text"),
        submit: t("restart"),
        send: async () => follow(`${t("restart")} – ${one.name}`, await rds.action(one.id, { restart: {} })),
    });
}
function stop(one: Instance): void {
    ask({
        title: `${t("stop")} – ${one.name}`,
        text: t("stop_text"),
        submit: t("stop"),
        danger: true,
        send: async () => follow(`${t("stop")} – ${one.name}`, await rds.stopInstance(one.id)),
    });
}
export function start(one: Instance): void {
    ask({
        title: `${t("start")} – ${one.name}`,
        submit: t("start"),
        send: async () => follow(`${t("start")} – ${one.name}`, await rds.startInstance(one.id)),
    });
}
async function resize(one: Instance): Promise<void> {
    const flavors = (await rds.listFlavors(one.datastore.version))
        .filter((flavor) => flavor.instance_mode === "single" && flavor.spec_code !== one.flavor_ref)
        .sort((a, b) => Number(a.vcpus) - Number(b.vcpus) || a.ram - b.ram || compare(a.spec_code, b.spec_code));
    ask({
        title: `${t("resize")} – ${one.name}`,
        text: t("resize_text"),
        submit: t("resize"),
        fields: [{
            name: "flavor",
            label: t("flavor"),
            kind: "select",
            value: flavors[0] && flavors[0].spec_code,
            options: flavors.map((flavor) => ({
                value: flavor.spec_code,
                label: `${count("cores", Number(flavor.vcpus))}, ${t("gb", { n: flavor.ram })} — ${flavor.spec_code}`,
            })),
        }],
        send: async ({ flavor }) => follow(`${t("resize")} – ${one.name}`,
            await rds.action(one.id, { resize_flavor: { spec_code: flavor } })),
    });
    m.redraw();
}
function enlarge(one: Instance): void {
    ask({
        title: `${t("enlarge")} – ${one.name}`,
        submit: t("enlarge"),
        fields: [{
            name: "size",
            label: t("c_size"),
            kind: "number",
            value: String(one.volume.size + 10),
            hint: t("c_size_hint"),
            check: (value) => (sizeKept(value, one.volume.size + 10) ? null : t("problem_size")),
            attributes: { min: one.volume.size + 10, max: 4000, step: 10 },
        }],
        send: async ({ size }) => follow(`${t("enlarge")} – ${one.name}`,
            await rds.action(one.id, { enlarge_volume: { size: Number(size) } })),
    });
}
function changePort(one: Instance): void {
    ask({
        title: `${t("change_port")} – ${one.name}`,
        text: t("change_port_text"),
        submit: t("change_port"),
        fields: [{
            name: "port",
            label: t("port"),
            kind: "number",
            value: String(one.port),
            hint: t("port_hint"),
            check: (value) => (portKept(value) ? null : t("problem_port")),
        }],
        send: async ({ port }) => follow(`${t("change_port")} – ${one.name}`, await rds.setPort(one.id, Number(port))),
    });
}
function rename(one: Instance, changed: () => void): void {
    ask({
        title: t("rename"),
        submit: t("rename"),
        fields: [{
            name: "name",
            label: t("name"),
            value: one.name,
            hint: t("c_name_hint"),
            check: (value) => (nameKept(value) ? null : t("problem_name")),
        }],
        send: async ({ name }) => {
            await rds.rename(one.id, name);
            changed();
        },
    });
}
function resetPassword(one: Instance): void {
    ask({
        title: `${t("reset_password")} – ${one.db_user_name}`,
        submit: t("reset_password"),
        fields: [{
            name: "password",
            label: t("new_password"),
            kind: "password",
            hint: (value) => passwordHints(value, one.db_user_name),
            check: (value) => (passwordKept(value, one.db_user_name) ? null : t("problem_password")),
            attributes: { autocomplete: "new-password" },
        }],
        send: async ({ password }) => {
            await rds.resetPassword(one.id, password);
            toast(`${t("reset_password")}: ${t("done").toLowerCase()}`);
        },
    });
}
function destroy(one: Instance): void {
    ask({
        title: `${t("delete_instance")} – ${one.name}`,
        text: t("delete_instance_text"),
        submit: t("delete"),
        danger: true,
        confirm: one.name,
        send: async () => {
            follow(`${t("delete_instance")} – ${one.name}`, await rds.deleteInstance(one.id));
            m.route.set("/instances");
        },
    });
}

export function actionsOf(one: Instance, changed: () => void): Action[] {
    const ready = one.status === "ACTIVE" || one.status === "BACKING UP" || one.status === "STORAGE FULL";
    const off = one.status === "SHUTDOWN";
    return [
        { label: `${t("resize")}…`, act: () => void resize(one), disabled: !ready },
        { label: `${t("enlarge")}…`, act: () => enlarge(one), disabled: !ready },
        { label: `${t("change_port")}…`, act: () => changePort(one), disabled: !ready },
        { label: `${t("rename")}…`, act: () => rename(one, changed) },
        { label: `${t("reset_password")}…`, act: () => resetPassword(one), disabled: !ready },
        off ? { label: `${t("start")}…`, act: () => start(one) } : { label: `${t("stop")}…`, act: () => stop(one), disabled: !ready },
        { label: `${t("delete_instance")}…`, act: () => destroy(one), danger: true },
    ];
}
