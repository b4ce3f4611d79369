// Language and colours: kept in this browser.
import m, { Child } from "mithril";
import { Language, language, t, useLanguage } from "./i18n";
import { icon } from "./parts/icons";

const KEY = "casement.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
let theme = localStorage.getItem(KEY);

const isDark = (): boolean => (theme ? theme === "dark" : system.matches);
export function applyPreferences(): void {
    if (theme) document.documentElement.dataset.theme = theme;
    useLanguage(language());
    system.addEventListener("change", () => m.redraw());
}
function switchTheme(): void {
    theme = isDark() ? "light" : "dark";
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset.theme = theme;
}

export const preferences = (): Child => m(".preferences",
    m(".segmented", { role: "group", "aria-label": t("language") },
        (["en", "fr"] as Language[]).map((one) => m("button[type=button]", {
            "aria-pressed": String(one === language()),
            lang: one,
            title: one === "en" ? "English" : "Français",
            onclick: () => useLanguage(one),
        }, one.toUpperCase()))),
    m("button.bare[type=button]", {
        "aria-label": t(isDark() ? "theme_light" : "theme_dark"),
        title: t(isDark() ? "theme_light" : "theme_dark"),
        onclick: switchTheme,
    }, icon(isDark() ? "sun" : "moon")));
