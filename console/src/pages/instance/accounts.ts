// Accounts of an instance and what they may in which database.
import m, { Component } from "mithril";
import * as rds from "../../api/rds";
import { Account } from "../../api/types";
import { compare, t } from "../../i18n";
import { ask } from "../../parts/dialog";
import { passwordHints, passwordKept, trouble } from "../../parts/form";
import { icon } from "../../parts/icons";
import { loaded } from "../../parts/state";
import { empty, section, table, toast, waiting } from "../../parts/view";
import type { TabAttributes } from "./index";

type Right = { database: string; readonly: boolean };

export function Accounts(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const id = vnode.attrs.instance.id;
    let problem: unknown = null;
    const databases = loaded(() => rds.listDatabases(id));
    // The list of accounts may say their databases; where it does not, each database is asked.
    const list = loaded(async (): Promise<{ account: Account; rights: Right[] }[]> => {
        const accounts = (await rds.listAccounts(id)).filter((one) => one.name !== "rdsuser");
        if (accounts.every((one) => one.databases))
            return accounts.map((account) => ({
                account,
                rights: account.databases!.map((one) => ({ database: one.name, readonly: one.readonly })),
            }));
        const rights = new Map<string, Right[]>();
        for (const database of await rds.listDatabases(id))
            for (const one of await rds.listAllowed(id, database.name))
                rights.set(one.name, [...(rights.get(one.name) || []), { database: database.name, readonly: one.readonly }]);
        return accounts.map((account) => ({ account, rights: rights.get(account.name) || [] }));
    });
    const password = (name: string): any => ({
        name: "password",
        label: t("password"),
        kind: "password",
        hint: (value: string) => passwordHints(value, name),
        check: (value: string, all: { [name: string]: string }) => (passwordKept(value, name || all.name) ? null : t("problem_password")),
        attributes: { autocomplete: "new-password" },
    });
    const create = (): void => ask({
        title: t("create_account"),
        submit: t("create"),
        fields: [
            {
                name: "name",
                label: t("name"),
                hint: t("account_hint"),
                check: (value) => (/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(value) ? null : t("problem_name")),
            },
            password(""),
        ],
        send: async (values) => {
            await rds.createAccount(id, values.name, values.password);
            void list.load();
        },
    });
    const reset = (name: string): void => ask({
        title: `${t("reset_password")} – ${name}`,
        submit: t("reset_password"),
        fields: [password(name)],
        send: async (values) => {
            await rds.setAccountPassword(id, name, values.password);
            toast(`${t("reset_password")}: ${t("done").toLowerCase()}`);
        },
    });
    const remove = (name: string): void => ask({
        title: `${t("delete")} – ${name}`,
        text: t("delete_account_text"),
        submit: t("delete"),
        danger: true,
        confirm: name,
        send: async () => {
            await rds.deleteAccount(id, name);
            void list.load();
        },
    });
    const grant = (name: string): void => ask({
        title: `${t("grant")} – ${name}`,
        submit: t("grant"),
        fields: [
            {
                name: "database",
                label: t("database"),
                kind: "select",
                value: databases.value && databases.value[0] ? databases.value[0].name : "",
                options: (databases.value || []).map((one) => ({ value: one.name, label: one.name })),
            },
            {
                name: "right",
                label: t("privilege"),
                kind: "select",
                value: "write",
                options: [{ value: "write", label: t("read_write") }, { value: "read", label: t("read_only") }],
            },
        ],
        send: async (values) => {
            await rds.allow(id, values.database, name, values.right === "read");
            void list.load();
        },
    });
    const revoke = (name: string, database: string): void => {
        problem = null;
        rds.revoke(id, database, name).then(() => list.load(), (why) => {
            problem = why;
        });
    };
    return {
        view: () => section(t("accounts"),
            m("button.primary[type=button]", { onclick: create }, icon("plus"), t("create_account")),
            trouble(list.error || problem, list.load),
            !list.value ? (list.error ? null : waiting()) : list.value.length ? table(t("accounts"), [
                { head: t("account"), cell: (one) => m("strong", one.account.name) },
                {
                    head: t("privileges"),
                    cell: ({ account, rights }) => m("ul.chips", rights.map((right) => m("li", { key: right.database },
                        m("span.key", right.database), m("span", t(right.readonly ? "read_only" : "read_write")),
                        m("button.bare[type=button]", {
                            "aria-label": t("revoke_from", { name: `${right.database}, ${account.name}` }),
                            onclick: () => revoke(account.name, right.database),
                        }, icon("close"))))),
                },
                {
                    head: t("actions"),
                    quiet: true,
                    cell: ({ account: { name } }) => [
                        m("button.plain[type=button]", { onclick: () => grant(name), "aria-label": `${t("grant")} ${name}` }, t("grant")),
                        m("button.plain[type=button]", { onclick: () => reset(name), "aria-label": `${t("reset_password")} ${name}` }, t("reset_password")),
                        m("button.plain.dangerous[type=button]", { onclick: () => remove(name), "aria-label": `${t("delete")} ${name}` }, t("delete")),
                    ],
                },
            ], [...list.value].sort((a, b) => compare(a.account.name, b.account.name)), (one) => one.account.name) : empty(t("no_accounts"))),
    };
}
