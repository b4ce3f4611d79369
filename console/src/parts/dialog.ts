// Dialogs over the page: the browser's own <dialog>, which traps focus and closes on Escape.
import m, { Child, Component, Vnode } from "mithril";
import { t } from "../i18n";
import { Control, control, trouble } from "./form";
import { icon } from "./icons";

export interface Field extends Omit<Control, "value" | "onchange" | "hint" | "problem"> {
    value?: string;
    hint?: Child | ((value: string) => Child);
    check?(value: string, all: { [name: string]: string }): string | null;
    optional?: boolean;
}
export interface Question {
    title: string;
    text?: Child;
    fields?: Field[];
    submit: string;
    danger?: boolean;
    // What must be typed before it may be done.
    confirm?: string;
    send(values: { [name: string]: string }): Promise<unknown>;
}

interface Open {
    id: number;
    view(close: () => void): Child;
    title: string;
    wide?: boolean;
}
let open: Open[] = [];
let counter = 0;

export function show(title: string, view: (close: () => void) => Child, wide = false): void {
    open.push({ id: ++counter, title, view, wide });
}
export const closeAll = (): void => {
    open = [];
};

const Frame: Component<{ open: Open }> = {
    oncreate(vnode) {
        const dialog = vnode.dom as HTMLDialogElement;
        dialog.showModal();
        const first = dialog.querySelector<HTMLElement>("input, select, textarea, .body button, footer button");
        if (first) first.focus();
    },
    onremove(vnode) {
        (vnode.dom as HTMLDialogElement).close();
    },
    view({ attrs }) {
        const { id, title, view, wide } = attrs.open;
        const close = (): void => {
            open = open.filter((one) => one.id !== id);
            m.redraw();
        };
        return m("dialog", {
            "aria-labelledby": `d-${id}`,
            class: wide ? "wide" : "",
            oncancel: (event: Event) => {
                event.preventDefault();
                close();
            },
        }, m("header", m("h2", { id: `d-${id}` }, title),
            m("button.bare[type=button]", { "aria-label": t("close"), onclick: close }, icon("close"))), view(close));
    },
};

export const dialogs = (): Child => open.map((one) => m(Frame, { key: one.id, open: one }));

// A question with fields: sends the answers, stays open with the error when that fails.
export function ask(question: Question): void {
    const values: { [name: string]: string } = {};
    for (const field of question.fields || []) values[field.name] = field.value || "";
    let typed = "";
    let tried = false;
    let busy = false;
    let problem: unknown = null;

    const check = (field: Field): string | null =>
        !field.optional && !values[field.name] ? t("problem_required")
            : field.check && (values[field.name] || !field.optional) ? field.check(values[field.name], values) : null;

    show(question.title, (close) => m("form", {
        novalidate: true,
        onsubmit: async (event: Event) => {
            event.preventDefault();
            tried = true;
            if (busy || (question.fields || []).some(check)) return;
            if (question.confirm && typed !== question.confirm) return;
            busy = true;
            problem = null;
            try {
                await question.send(values);
                close();
            } catch (why) {
                problem = why;
            }
            busy = false;
            m.redraw();
        },
    }, m(".body",
        question.text ? m("p.lead", question.text) : null,
        m(".fields", (question.fields || []).map((field) => control({
            ...field,
            value: values[field.name],
            hint: typeof field.hint === "function" ? field.hint(values[field.name]) : field.hint,
            problem: tried ? check(field) : null,
            onchange: (value) => {
                values[field.name] = value;
            },
        }))),
        question.confirm ? m(".fields", control({
            name: "confirm",
            label: t("type_to_confirm", { name: question.confirm }),
            value: typed,
            onchange: (value) => {
                typed = value;
            },
        })) : null,
        trouble(problem)),
    m("footer",
        m("button[type=button]", { onclick: close }, t("cancel")),
        m("button[type=submit]", {
            class: question.danger ? "danger" : "primary",
            disabled: busy || (question.confirm !== undefined && typed !== question.confirm),
            "aria-busy": String(busy),
        }, question.submit))));
}

// A menu of actions under a button: arrows move, Escape closes.
export interface Action {
    label: string;
    act(): void;
    danger?: boolean;
    disabled?: boolean;
}
export function Menu(): Component<{ label: string; name: Child; actions: Action[]; bare?: boolean }> {
    let shown = false;
    let root: HTMLElement;
    const outside = (event: Event): void => {
        if (shown && !root.contains(event.target as Node)) {
            shown = false;
            m.redraw();
        }
    };
    const items = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)")];
    const move = (step: number): void => {
        const all = items();
        const at = all.indexOf(document.activeElement as HTMLElement);
        all[(at + step + all.length) % all.length]?.focus();
    };
    return {
        oncreate(vnode: Vnode<any>) {
            root = vnode.dom;
            document.addEventListener("pointerdown", outside);
        },
        onremove() {
            document.removeEventListener("pointerdown", outside);
        },
        view({ attrs }) {
            return m(".menu", {
                onkeydown: (event: KeyboardEvent) => {
                    if (!shown) return;
                    if (event.key === "ArrowDown") move(1);
                    else if (event.key === "ArrowUp") move(-1);
                    else if (event.key === "Escape" || event.key === "Tab") {
                        shown = false;
                        root.querySelector("button")!.focus();
                        if (event.key === "Tab") return;
                    } else return;
                    event.preventDefault();
                },
            }, m("button[type=button]", {
                class: attrs.bare ? "bare" : "",
                "aria-haspopup": "menu",
                "aria-expanded": String(shown),
                "aria-label": attrs.label,
                onclick: () => {
                    shown = !shown;
                    if (shown) requestAnimationFrame(() => items()[0]?.focus());
                },
            }, attrs.name), shown ? m("[role=menu]", { "aria-label": attrs.label }, attrs.actions.map((one) =>
                m("button[type=button][role=menuitem]", {
                    class: one.danger ? "dangerous" : "",
                    disabled: one.disabled,
                    onclick: () => {
                        shown = false;
                        root.querySelector("button")!.focus();
                        one.act();
                    },
                }, one.label))) : null);
        },
    };
}
