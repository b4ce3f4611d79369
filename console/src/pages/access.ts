// Users, groups and access keys of the domain.
import m, { Child, Component } from "mithril";
import * as iam from "../api/iam";
import { AccessKey, Group, User } from "../api/types";
import { compare, moment, t } from "../i18n";
import { ask, show } from "../parts/dialog";
import { trouble } from "../parts/form";
import { icon } from "../parts/icons";
import { loaded, Loaded } from "../parts/state";
import { copyable, empty, facts, section, table, waiting } from "../parts/view";
import { session } from "../session";

const quick = (label: string, name: string, act: () => void, danger = false): Child =>
    m("button.plain[type=button]", { class: danger ? "dangerous" : "", "aria-label": `${label} ${name}`, onclick: act }, label);
const switched = (on: boolean): Child => m("span.state", { class: on ? "good" : "idle" }, t(on ? "enabled" : "disabled"));

function keysOf(user: User): void {
    const list = loaded(() => iam.listKeys(user.id));
    show(`${t("access_keys")} – ${user.name}`, () => m(".body", keyTable(list, user.id)), true);
}
function newKey(user: string, list: Loaded<AccessKey[]>): void {
    ask({
        title: t("create_key"),
        submit: t("create"),
        fields: [{ name: "description", label: t("description"), optional: true }],
        send: async ({ description }) => {
            const key = await iam.createKey(user, description);
            void list.load();
            show(t("create_key"), () => m(".body", m(".note", t("key_once")), facts([
                [t("access_key"), copyable(key.access)],
                [t("secret_key"), copyable(key.secret || "")],
            ])));
        },
    });
}
function keyTable(list: Loaded<AccessKey[]>, user: string): Child {
    const dropping = (key: AccessKey): void => ask({
        title: `${t("delete")} – ${key.access}`,
        text: t("delete_key_text"),
        submit: t("delete"),
        danger: true,
        send: async () => {
            await iam.deleteKey(key.access);
            void list.load();
        },
    });
    return [
        trouble(list.error, list.load),
        !list.value ? (list.error ? null : waiting()) : list.value.length ? table(t("access_keys"), [
            { head: t("access_key"), cell: (key) => m("code", key.access) },
            { head: t("description"), cell: (key) => key.description || "–" },
            { head: t("status"), cell: (key) => switched(key.status === "active") },
            { head: t("created"), cell: (key) => moment(key.create_time) },
            {
                head: t("actions"),
                quiet: true,
                cell: (key) => [
                    quick(t(key.status === "active" ? "disable" : "enable"), key.access, () =>
                        void iam.setKeyStatus(key.access, key.status === "active" ? "inactive" : "active").then(list.load)),
                    quick(t("delete"), key.access, () => dropping(key), true),
                ],
            },
        ], list.value, (key) => key.access) : empty(t("no_keys")),
        m("p.after", m("button[type=button]", { onclick: () => newKey(user, list) }, icon("plus"), t("create_key"))),
    ];
}

function manage(group: Group, users: User[]): void {
    const members = loaded(() => iam.groupUsers(group.id));
    const roles = loaded(() => iam.groupRoles(group.id));
    const all = loaded(iam.listRoles);
    let problem: unknown = null;
    const act = (what: Promise<unknown>, list: { load(): Promise<void> }): void => {
        problem = null;
        what.then(() => list.load(), (why) => (problem = why)).then(m.redraw);
    };
    const chips = (list: { id: string; name: string }[] | undefined, drop: (id: string) => void): Child =>
        list && list.length ? m("ul.chips", list.map((one) => m("li", { key: one.id }, m("span", one.name),
            m("button.bare[type=button]", { "aria-label": `${t("remove")} ${one.name}`, onclick: () => drop(one.id) }, icon("close")))))
            : m("p.hint", t("none"));
    const pick = (label: string, options: { id: string; name: string }[], take: (id: string) => void): Child =>
        m("select", {
            "aria-label": label,
            onchange: (event: Event) => {
                const box = event.target as HTMLSelectElement;
                if (box.value) take(box.value);
                box.value = "";
            },
        }, m("option", { value: "" }, label), options.map((one) => m("option", { value: one.id }, one.name)));
    show(`${t("manage")} – ${group.name}`, () => m(".body", trouble(problem || members.error || roles.error),
        m("h3", t("members")), chips(members.value, (id) => act(iam.removeFromGroup(group.id, id), members)),
        pick(t("add_member"), users.filter((one) => !(members.value || []).some((each) => each.id === one.id)),
            (id) => act(iam.addToGroup(group.id, id), members)),
        m("h3", t("roles")), chips((roles.value || []).map((one) => ({ id: one.id, name: one.display_name || one.name })),
            (id) => act(iam.revokeRole(group.id, id), roles)),
        pick(t("grant_role"), (all.value || []).filter((one) => !(roles.value || []).some((each) => each.id === one.id))
            .map((one) => ({ id: one.id, name: one.display_name || one.name })),
        (id) => act(iam.grantRole(group.id, id), roles))), true);
}

export function Access(): Component {
    const me = session()!.user.id;
    const users = loaded(iam.listUsers);
    const groups = loaded(iam.listGroups);
    const keys = loaded(() => iam.listKeys(me));
    const password = {
        name: "password",
        label: t("password"),
        kind: "password" as const,
        hint: `${t("rule_length")}. ${t("rule_classes")}.`,
        attributes: { autocomplete: "new-password" },
    };
    const newUser = (): void => ask({
        title: t("create_user"),
        submit: t("create"),
        fields: [
            { name: "name", label: t("name"), check: (value) => (/^[A-Za-z][A-Za-z0-9_. -]{0,63}$/.test(value) ? null : t("problem_name")) },
            password,
            { name: "description", label: t("description"), optional: true },
        ],
        send: async (values) => {
            await iam.createUser(values.name, values.password, values.description);
            void users.load();
        },
    });
    const reset = (one: User): void => ask({
        title: `${t("reset_password")} – ${one.name}`,
        submit: t("reset_password"),
        fields: [password],
        send: (values) => iam.updateUser(one.id, { password: values.password }),
    });
    const dropUser = (one: User): void => ask({
        title: `${t("delete")} – ${one.name}`,
        text: t("delete_user_text"),
        submit: t("delete"),
        danger: true,
        confirm: one.name,
        send: async () => {
            await iam.deleteUser(one.id);
            void users.load();
        },
    });
    const newGroup = (): void => ask({
        title: t("create_group"),
        submit: t("create"),
        fields: [{ name: "name", label: t("name") }, { name: "description", label: t("description"), optional: true }],
        send: async (values) => {
            await iam.createGroup(values.name, values.description);
            void groups.load();
        },
    });
    const dropGroup = (one: Group): void => ask({
        title: `${t("delete")} – ${one.name}`,
        text: t("delete_group_text"),
        submit: t("delete"),
        danger: true,
        send: async () => {
            await iam.deleteGroup(one.id);
            void groups.load();
        },
    });
    return {
        view: () => m(".page", m("header.head", m("h1", t("access"))),
            section(`${t("access_keys")} – ${session()!.user.name}`, null, keyTable(keys, me)),
            section(t("users"), m("button[type=button]", { onclick: newUser }, icon("plus"), t("create_user")),
                trouble(users.error, users.load),
                !users.value ? (users.error ? null : waiting()) : table(t("users"), [
                    { head: t("name"), cell: (one) => [m("strong", one.name), one.id === me ? m("span.mark", t("you")) : null] },
                    { head: t("description"), cell: (one) => one.description || "–" },
                    { head: t("status"), cell: (one) => switched(one.enabled) },
                    {
                        head: t("actions"),
                        quiet: true,
                        cell: (one) => [
                            quick(t("access_keys"), one.name, () => keysOf(one)),
                            quick(t("reset_password"), one.name, () => reset(one)),
                            one.id === me ? null : quick(t(one.enabled ? "disable" : "enable"), one.name, () =>
                                void iam.updateUser(one.id, { enabled: !one.enabled }).then(users.load)),
                            one.id === me ? null : quick(t("delete"), one.name, () => dropUser(one), true),
                        ],
                    },
                ], [...users.value].sort((a, b) => compare(a.name, b.name)), (one) => one.id)),
            section(t("groups"), m("button[type=button]", { onclick: newGroup }, icon("plus"), t("create_group")),
                trouble(groups.error, groups.load),
                !groups.value ? (groups.error ? null : waiting()) : groups.value.length ? table(t("groups"), [
                    { head: t("name"), cell: (one) => m("strong", one.name) },
                    { head: t("description"), cell: (one) => one.description || "–" },
                    {
                        head: t("actions"),
                        quiet: true,
                        cell: (one) => [
                            quick(t("manage"), one.name, () => manage(one, users.value || [])),
                            quick(t("delete"), one.name, () => dropGroup(one), true),
                        ],
                    },
                ], [...groups.value].sort((a, b) => compare(a.name, b.name)), (one) => one.id) : empty(t("no_groups")))),
    };
}
