// Icons: outlines on a grid of 16, drawn in the text's colour. They say nothing to screen readers.
import m, { Child } from "mithril";

const PATHS = {
    brand: "M2 2h12v12H2zM8 2v12M2 8h12",
    server: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
    jobs: "M3 4h10M3 8h7M3 12h4M12 10.5v3M10.5 12h3",
    sliders: "M4 2v5M4 10v4M8 2v2M8 7v7M12 2v7M12 12v2M2.5 7h3M6.5 4h3M10.5 12h3",
    bin: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5",
    users: "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 8a2 2 0 1 0 0-4M12 9.7c1.5.5 2.5 1.8 2.5 3.8",
    gauge: "M2 11a6 6 0 1 1 12 0M8 11l2.5-3.5",
    plus: "M8 3v10M3 8h10",
    more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
    copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    check: "M3 8.5l3.5 3.5L13 4.5",
    close: "M4 4l8 8M12 4l-8 8",
    menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    back: "M10 3L5 8l5 5",
    play: "M5 3l8 5-8 5z",
    stop: "M4 4h8v8H4z",
    refresh: "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v3h-3",
    sun: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
    moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
    out: "M6 3H3v10h3M7 8h6.5M11 5.5L13.5 8 11 10.5",
    warn: "M8 2.5l6 11H2zM8 7v3M8 12h.01",
    down: "M4 6l4 4 4-4",
    download: "M8 2.5v7.5M5 7l3 3 3-3M3 13h10",
};
export type IconName = keyof typeof PATHS;

export const icon = (name: IconName): Child =>
    m("svg.icon", { viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, m("path", { d: PATHS[name] }));
