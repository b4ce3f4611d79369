// Signing in: domain, user, password.
import m, { Component } from "mithril";
import { t } from "../i18n";
import { control, trouble } from "../parts/form";
import { icon } from "../parts/icons";
import { preferences } from "../preferences";
import { lastDomain, sessionEnded, signIn } from "../session";

export function SignIn(): Component {
    const values: { [name: string]: string } = { domain: lastDomain(), user: "", password: "" };
    let busy = false;
    let tried = false;
    let problem: unknown = null;
    const field = (name: "domain" | "user" | "password", kind: "text" | "password", autocomplete: string): m.Child =>
        control({
            name,
            kind,
            label: t(name),
            value: values[name],
            problem: tried && !values[name] ? t("problem_required") : null,
            onchange: (value) => {
                values[name] = value;
            },
            attributes: { autocomplete, autocapitalize: "none" },
        });
    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        tried = true;
        if (busy || !values.domain || !values.user || !values.password) return;
        busy = true;
        problem = null;
        try {
            await signIn(values.domain.trim(), values.user.trim(), values.password);
        } catch (why) {
            const status = (why as { status?: number }).status;
            problem = (why as Error).message === "no-project" ? new Error(t("no_project"))
                : status === 401 ? Object.assign(why as Error, { message: t("wrong_password") }) : why;
            values.password = "";
            tried = false;
            requestAnimationFrame(() => document.getElementById("f-password")?.focus());
        }
        busy = false;
        m.redraw();
    };
    return {
        oncreate: () => document.getElementById(values.domain ? "f-user" : "f-domain")?.focus(),
        view: () => m(".signin",
            m("main#main",
                m(".brand", icon("brand"), "Casement"),
                m("h1", t("sign_in_title")),
                m("p.lead", t("sign_in_lead")),
                sessionEnded() && !problem ? m(".note[role=status]", t("session_expired")) : null,
                m("form", { novalidate: true, onsubmit: submit },
                    m(".fields", field("domain", "text", "organization"), field("user", "text", "username"),
                        field("password", "password", "current-password")),
                    trouble(problem),
                    m("button.primary.full[type=submit]", { disabled: busy, "aria-busy": String(busy) }, t("sign_in"))),
                m("p.hint", t("sign_in_hint"))),
            m("footer", preferences())),
    };
}
