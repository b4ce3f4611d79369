// How versions and editions of the catalogue are called.
import { t } from "../i18n";

// "2022_SE" as people say it.
export function product(version: string): string {
    const [year, edition] = version.split("_");
    const names: { [edition: string]: string } = { SE: t("edition_se"), EE: t("edition_ee"), WEB: t("edition_web") };
    return `SQL Server ${year} ${edition ? names[edition] || edition : ""}`.trim();
}

export const nameKept = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_-]{3,63}$/.test(name);
export const windows = Array.from({ length: 24 }, (_, hour) => {
    const two = (n: number): string => String(n % 24).padStart(2, "0");
    return `${two(hour)}:00-${two(hour + 1)}:00`;
});
