// The language in use, texts in it, and how it writes numbers and moments.
export type { WordKey } from "./words";
import { WordKey, words } from "./words";

export type Language = "en" | "fr";
const KEY = "casement.language";
const kept = localStorage.getItem(KEY);
let current: Language = kept === "en" || kept === "fr" ? kept : navigator.language.startsWith("fr") ? "fr" : "en";

export const language = (): Language => current;
export function useLanguage(wanted: Language): void {
    current = wanted;
    localStorage.setItem(KEY, wanted);
    document.documentElement.lang = wanted;
}

export function t(key: WordKey, values: { [name: string]: string | number } = {}): string {
    return words[key][current === "en" ? 0 : 1].replace(/\{(\w+)\}/g, (whole, name) =>
        name in values ? String(values[name]) : whole);
}

type Plural = { [K in WordKey]: K extends `${infer Stem}_other` ? Stem : never }[WordKey];
export function count(stem: Plural, n: number): string {
    const form = new Intl.PluralRules(current).select(n) === "one" ? "one" : "other";
    return t(`${stem}_${form}` as WordKey, { n: number(n) });
}

const locale = (): string => (current === "fr" ? "fr-FR" : "en-GB");

export const number = (value: number, digits = 0): string =>
    new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
export const percent = (value: number): string =>
    new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(value);

// The API writes +0000 where ECMAScript wants +00:00.
export const parse = (text?: string): Date | null => {
    if (!text) return null;
    const found = new Date(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
    return Number.isNaN(found.getTime()) ? null : found;
};
export function moment(value?: string | number | Date | null, seconds = false): string {
    const date = typeof value === "string" ? parse(value) : value === null || value === undefined ? null : new Date(value);
    if (!date) return "–";
    return new Intl.DateTimeFormat(locale(), {
        dateStyle: "medium",
        timeStyle: seconds ? "medium" : "short",
    }).format(date);
}
export const clock = (value: number, long: boolean): string =>
    new Intl.DateTimeFormat(locale(), long
        ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
        : { hour: "2-digit", minute: "2-digit" }).format(value);
export function duration(from?: string, to?: string): string {
    const [a, b] = [parse(from), parse(to)];
    if (!a || !b) return "–";
    const seconds = Math.max(0, Math.round((b.getTime() - a.getTime()) / 1000));
    return seconds < 60 ? `${number(seconds)} s` : `${number(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}
export function bytes(value: number): string {
    const units = current === "fr" ? ["o", "ko", "Mo", "Go", "To"] : ["B", "kB", "MB", "GB", "TB"];
    let n = value;
    let unit = 0;
    while (n >= 1000 && unit < units.length - 1) {
        n /= 1000;
        unit++;
    }
    return `${number(n, n < 10 ? 1 : 0)} ${units[unit]}`;
}
export const compare = (a: string, b: string): number => a.localeCompare(b, locale(), { numeric: true });
