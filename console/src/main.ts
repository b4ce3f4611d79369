// The console begins here: frame around the pages, routes, what is asked at the start.
import m, { Child, Component } from "mithril";
import { t, WordKey } from "./i18n";
import { forget, jobTray } from "./jobs";
import { Access } from "./pages/access";
import { Create } from "./pages/create";
import { InstancePage } from "./pages/instance";
import { Instances } from "./pages/instances";
import { Jobs } from "./pages/jobs";
import { Quotas } from "./pages/quotas";
import { Recycle } from "./pages/recycle";
import { SignIn } from "./pages/signin";
import { TemplatePage, Templates } from "./pages/templates";
import { closeAll, dialogs, Menu } from "./parts/dialog";
import { icon, IconName } from "./parts/icons";
import { empty, toastArea } from "./parts/view";
import { applyPreferences, preferences } from "./preferences";
import { listProjects, Project, restoreSession, session, signOut, switchProject } from "./session";

const PLACES: [WordKey, [string, WordKey, IconName][]][] = [
    ["databases_group", [
        ["/instances", "instances", "server"],
        ["/jobs", "jobs", "jobs"],
        ["/templates", "templates", "sliders"],
        ["/recycle", "recycle", "bin"],
    ]],
    ["account_group", [["/access", "access", "users"], ["/quotas", "quotas", "gauge"]]],
];

let drawer = false;
let projects: Project[] = [];
let projectsOf = "";

function loadProjects(): void {
    if (projectsOf === session()!.token) return;
    projectsOf = session()!.token;
    listProjects().then((found) => (projects = found), () => undefined);
}

const here = (path: string): boolean => (m.route.get() || "").startsWith(path);

function sidebar(): Child {
    return m("nav.sidebar#nav", { "aria-label": t("nav"), class: drawer ? "shown" : "" },
        PLACES.map(([group, places]) => [
            m("p.group", t(group)),
            m("ul", places.map(([path, word, sign]) => m("li", m("a", {
                href: `#${path}`,
                "aria-current": here(path) ? "page" : "false",
            }, icon(sign), t(word))))),
        ]),
        m(".end", m("a", { href: "/docs", target: "_blank", rel: "noopener" }, t("api_reference"))));
}

function topbar(): Child {
    const who = session()!;
    return m("header.topbar",
        m("button.bare.burger[type=button]", {
            "aria-label": t("menu"),
            "aria-expanded": String(drawer),
            "aria-controls": "nav",
            onclick: () => (drawer = !drawer),
        }, icon(drawer ? "close" : "menu")),
        m("a.brand", { href: "#/instances" }, icon("brand"), "Casement"),
        projects.length > 1 ? m(Menu, {
            label: t("project"),
            name: [who.project.name, icon("down")],
            bare: true,
            actions: projects.map((one) => ({
                label: one.name,
                act: () => void switchProject(one).then(() => window.location.reload()),
            })),
        }) : m("span.project", who.project.name),
        m(".space"),
        preferences(),
        m(Menu, {
            label: who.user.name,
            name: [m("span.avatar", { "aria-hidden": "true" }, who.user.name.slice(0, 1).toUpperCase()), m("span.who", who.user.name)],
            bare: true,
            actions: [
                { label: t("access"), act: () => m.route.set("/access") },
                {
                    label: t("sign_out"),
                    act: () => {
                        forget();
                        void signOut().then(m.redraw);
                    },
                },
            ],
        }));
}

let lastPath = "";
const Shell: Component = {
    onupdate() {
        const path = (m.route.get() || "").split("?")[0];
        if (path === lastPath) return;
        // A new page begins at its top, for the eyes and for screen readers.
        const first = lastPath === "";
        lastPath = path;
        window.scrollTo(0, 0);
        if (!first) document.getElementById("main")?.focus({ preventScroll: true });
    },
    view({ children }) {
        if (!session()) return m(SignIn);
        loadProjects();
        const title = document.querySelector("h1");
        document.title = title && title.textContent ? `${title.textContent} – Casement` : "Casement";
        return m(".shell", { onkeydown: (event: KeyboardEvent) => {
            if (event.key === "Escape" && drawer) drawer = false;
        } },
        m("a.skip", {
            href: "#main",
            onclick: (event: Event) => {
                event.preventDefault();
                document.getElementById("main")!.focus();
            },
        }, t("skip")),
        topbar(), sidebar(),
        drawer ? m(".shade", { onclick: () => (drawer = false) }) : null,
        m("main#main[tabindex=-1]", children),
        jobTray(), dialogs(), toastArea());
    },
};

const Lost: Component = { view: () => empty(t("no_page")) };
const page = (component: Component<any> | ((vnode: m.Vnode<any>) => Component<any>)): { render(vnode: m.Vnode<any>): Child } => ({
    render: (vnode) => m(Shell as any, {}, m(component as any, { ...vnode.attrs, key: vnode.attrs.id || "page" }) as any),
});

applyPreferences();
restoreSession();
// Before the new page is drawn: what lay over the old one goes.
window.addEventListener("hashchange", () => {
    drawer = false;
    closeAll();
});
m.route.prefix("#");
m.route(document.getElementById("app")!, "/instances", {
    "/instances": page(Instances),
    "/create": page(Create),
    "/instances/:id": page(InstancePage),
    "/instances/:id/:tab": page(InstancePage),
    "/jobs": page(Jobs),
    "/templates": page(Templates),
    "/templates/:id": page(TemplatePage),
    "/recycle": page(Recycle),
    "/access": page(Access),
    "/quotas": page(Quotas),
    "/:other...": page(Lost),
});
