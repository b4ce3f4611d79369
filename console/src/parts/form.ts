// Controls with their labels, hints and problems; and the error of an API call as people see it.
import m, { Child } from "mithril";
import { ApiError } from "../api/client";
import { t, WordKey } from "../i18n";
import { icon } from "./icons";

export interface Option {
    value: string;
    label: string;
}
export interface Control {
    name: string;
    label: string;
    kind?: "text" | "password" | "number" | "select" | "time" | "area";
    value: string;
    options?: Option[];
    hint?: Child;
    problem?: string | null;
    onchange(value: string): void;
    attributes?: { [name: string]: unknown };
}

const shown = new Set<string>();

export function control(spec: Control): Child {
    const id = `f-${spec.name}`;
    const about = [spec.hint ? `${id}-hint` : "", spec.problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
    const base = {
        id,
        name: spec.name,
        // Mithril takes no attribute away whose value becomes undefined: an empty one says the same.
        "aria-describedby": about,
        "aria-invalid": spec.problem ? "true" : "false",
        ...(spec.attributes || {}),
    };
    const oninput = (event: Event): void => spec.onchange((event.target as HTMLInputElement).value);
    let input: Child;
    if (spec.kind === "select")
        input = m("select", { ...base, value: spec.value, onchange: oninput },
            (spec.options || []).map((one) => m("option", { value: one.value, selected: one.value === spec.value }, one.label)));
    else if (spec.kind === "area") input = m("textarea", { ...base, rows: 3, value: spec.value, oninput });
    else {
        const secret = spec.kind === "password";
        input = m("input", {
            autocomplete: "off",
            spellcheck: false,
            ...base,
            type: secret && shown.has(id) ? "text" : spec.kind || "text",
            value: spec.value,
            oninput,
        });
        if (secret)
            input = m(".secret", input, m("button.reveal[type=button]", {
                "aria-pressed": String(shown.has(id)),
                "aria-controls": id,
                onclick: () => (shown.has(id) ? shown.delete(id) : shown.add(id)),
            }, t(shown.has(id) ? "hide_password" : "show_password")));
    }
    return m(".field", { class: spec.problem ? "bad" : "" },
        m("label", { for: id }, spec.label), input,
        spec.problem ? m(".problem", { id: `${id}-problem` }, spec.problem) : null,
        spec.hint ? m(".hint", { id: `${id}-hint` }, spec.hint) : null);
}

// The rules of passwords of logins, each with whether it is kept.
export function passwordRules(password: string, user: string): { key: WordKey; kept: boolean }[] {
    const classes = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((one) => one.test(password)).length;
    return [
        { key: "rule_length", kept: password.length >= 8 && password.length <= 32 },
        { key: "rule_classes", kept: classes >= 3 },
        { key: "rule_specials", kept: /^[A-Za-z0-9~!@#$%^*\-_+?,]*$/.test(password) },
        { key: "rule_name", kept: !user || !password.toLowerCase().includes(user.toLowerCase()) },
    ];
}
export const passwordKept = (password: string, user: string): boolean =>
    passwordRules(password, user).every((rule) => rule.kept);
export const passwordHints = (password: string, user: string): Child =>
    m("span.rules", passwordRules(password, user).map((rule) =>
        m("span", { class: password && rule.kept ? "kept" : "" }, icon("check"), t(rule.key))));

export const portKept = (text: string): boolean => {
    const port = Number(text);
    return port === 1433 || (Number.isInteger(port) && port >= 2100 && port <= 9500 && port !== 5355 && port !== 5985);
};
export const sizeKept = (text: string, least: number): boolean => {
    const size = Number(text);
    return Number.isInteger(size) && size >= least && size <= 4000 && size % 10 === 0;
};

// What went wrong, with the code and the request's id: what support asks for.
export function trouble(problem: unknown, retry?: () => void): Child {
    if (!problem) return null;
    const api = problem instanceof ApiError ? problem : null;
    const text = api && api.status === 0 ? t("error_unreachable") : (problem as Error).message || t("something_failed");
    return m(".trouble[role=alert]", icon("warn"), m("div",
        m("p", text),
        api && api.status ? m("p.ids", `${t("error_code")} `, m("code", api.code),
            api.requestId ? [` · ${t("error_request")} `, m("code", api.requestId)] : null) : null,
        retry ? m("button.plain[type=button]", { onclick: retry }, t("retry")) : null));
}
