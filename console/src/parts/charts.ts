// Charts as SVG: a small line in a row, and a chart with axes and a reading under the pointer.
import m, { Child, Component, Vnode } from "mithril";
import { clock, t } from "../i18n";

export type Points = [number, number][];

const path = (points: Points, x: (v: number) => number, y: (v: number) => number): string =>
    points.map(([time, value], i) => `${i ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join("");

export function sparkline(points: Points | undefined, top: number, label: string, show: (v: number) => string): Child {
    const last = points && points.length ? points[points.length - 1][1] : null;
    const width = 76;
    const height = 22;
    if (!points || points.length < 2)
        return m("span.spark", m("span.flat", { "aria-hidden": "true" }), m("span.now", last === null ? "–" : show(last)));
    const from = points[0][0];
    const to = points[points.length - 1][0];
    const most = Math.max(top, ...points.map((one) => one[1])) || 1;
    const x = (time: number): number => ((time - from) / (to - from || 1)) * (width - 2) + 1;
    const y = (value: number): number => height - 2 - (value / most) * (height - 4);
    const line = path(points, x, y);
    return m("span.spark",
        m("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${label}: ${show(last!)}` },
            m("path.area", { d: `${line}L${x(to).toFixed(1)} ${height}L${x(from).toFixed(1)} ${height}Z` }),
            m("path.line", { d: line })),
        m("span.now", { "aria-hidden": "true" }, show(last!)));
}

// A round number at or above the value: of 1, 2, 4, 6, 8 and their multiples of ten.
function above(value: number): number {
    if (value <= 0) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    for (const step of [1, 2, 4, 6, 8, 10]) if (step * power >= value) return step * power;
    return value;
}

interface ChartAttributes {
    name: string;
    points: Points;
    from: number;
    to: number;
    // The axis' end: fixed (100 for per cent), else a round number above the highest.
    end?: number;
    least?: number;
    show(value: number): string;
}

export function Chart(): Component<ChartAttributes> {
    let width = 0;
    let under: number | null = null;
    let watcher: ResizeObserver;
    const height = 148;
    const left = 46;
    const right = 8;
    const top = 10;
    const bottom = 22;
    return {
        oncreate(vnode: Vnode<ChartAttributes>) {
            watcher = new ResizeObserver(() => {
                const now = Math.round(vnode.dom.clientWidth);
                if (now !== width) {
                    width = now;
                    m.redraw();
                }
            });
            watcher.observe(vnode.dom);
            width = Math.round(vnode.dom.clientWidth);
            requestAnimationFrame(m.redraw);
        },
        onremove() {
            watcher.disconnect();
        },
        view({ attrs }) {
            const { points, from, to, show } = attrs;
            const most = points.length ? Math.max(...points.map((one) => one[1])) : 0;
            const now = points.length ? points[points.length - 1][1] : null;
            const end = attrs.end || above(Math.max(most, attrs.least || 0));
            const x = (time: number): number => left + ((time - from) / (to - from || 1)) * (width - left - right);
            const y = (value: number): number => height - bottom - (value / end) * (height - top - bottom);
            const near = under === null || !points.length ? null
                : points.reduce((best, one) => (Math.abs(x(one[0]) - under!) < Math.abs(x(best[0]) - under!) ? one : best));
            const long = to - from > 36 * 3600e3;
            const marks = width > 420 && !long ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.5, 1];
            const line = path(points, x, y);
            return m("figure.chart",
                m("figcaption", m("span", attrs.name),
                    m("span.reading", near ? [m("time", clock(near[0], long)), m("strong", show(near[1]))]
                        : m("strong", now === null ? "–" : show(now)))),
                width ? m("svg", {
                    width,
                    height,
                    role: "img",
                    "aria-label": now === null ? `${attrs.name}: ${t("no_points")}`
                        : t("chart_summary", { name: attrs.name, now: show(now), max: show(most) }),
                    onpointermove: (event: PointerEvent) => {
                        under = event.offsetX;
                    },
                    onpointerleave: () => {
                        under = null;
                    },
                },
                [0, 0.5, 1].map((part) => [
                    m("line.grid", { x1: left, x2: width - right, y1: y(end * part), y2: y(end * part) }),
                    m("text.y", { x: left - 8, y: y(end * part) + 4 }, show(end * part)),
                ]),
                marks.map((part) => m("text.x", {
                    x: x(from + (to - from) * part),
                    y: height - 4,
                    "text-anchor": part === 0 ? "start" : part === 1 ? "end" : "middle",
                }, clock(from + (to - from) * part, long))),
                points.length > 1 ? [
                    m("path.area", { d: `${line}L${x(points[points.length - 1][0])} ${y(0)}L${x(points[0][0])} ${y(0)}Z` }),
                    m("path.line", { d: line }),
                ] : null,
                points.length === 1 ? m("circle.dot", { cx: x(points[0][0]), cy: y(points[0][1]), r: 3 }) : null,
                near ? [
                    m("line.cross", { x1: x(near[0]), x2: x(near[0]), y1: top, y2: height - bottom }),
                    m("circle.dot", { cx: x(near[0]), cy: y(near[1]), r: 3.5 }),
                ] : null,
                points.length ? null : m("text.empty", { x: left + (width - left - right) / 2, y: height / 2 }, t("no_points")))
                    : m(".blank"));
        },
    };
}

export const meter = (part: number, label: string): Child =>
    m(".meter", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(part * 100), "aria-label": label },
        m("span", { class: part > 0.9 ? "high" : "", style: { width: `${Math.min(100, Math.max(0, part * 100))}%` } }));
