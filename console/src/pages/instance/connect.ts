// How clients connect: a string for each, ready to copy.
import m, { Child } from "mithril";
import { Instance } from "../../api/types";
import { t } from "../../i18n";
import { codeBlock } from "../../parts/view";

const CLIENTS: [string, (host: string, port: number, user: string) => string][] = [
    ["sqlcmd", (h, p, u) => `sqlcmd -S tcp:${h},${p} -U ${u} -P '<password>' -N -C`],
    ["ADO.NET", (h, p, u) => `Server=tcp:${h},${p};Database=master;User ID=${u};Password=<password>;Encrypt=True;TrustServerCertificate=True`],
    ["JDBC", (h, p, u) => `jdbc:sqlserver://${h}:${p};databaseName=master;user=${u};password=<password>;encrypt=true;trustServerCertificate=true`],
    ["ODBC", (h, p, u) => `Driver={ODBC Driver 18 for SQL Server};Server=tcp:${h},${p};Database=master;Uid=${u};Pwd=<password>;Encrypt=yes;TrustServerCertificate=yes`],
    ["Python", (h, p, u) => `import mssql_python

connection = mssql_python.connect(
    "Server=tcp:${h},${p};Database=master;UID=${u};PWD=<password>;"
    "Encrypt=yes;TrustServerCertificate=yes")`],
    ["Node.js", (h, p, u) => `const sql = require("mssql");

await sql.connect({
    server: "${h}", port: ${p}, database: "master",
    user: "${u}", password: "<password>",
    options: { encrypt: true, trustServerCertificate: true },
});`],
    ["Go", (h, p, u) => `db, err := sql.Open("sqlserver",
    "sqlserver://${u}:<password>@${h}:${p}?database=master&encrypt=true&trustservercertificate=true")`],
];
let chosen = 0;

export function connectStrings(one: Instance): Child {
    const host = one.private_ips[0] || "127.0.0.1";
    const [name, write] = CLIENTS[chosen];
    const move = (event: KeyboardEvent): void => {
        const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
        if (!step) return;
        chosen = (chosen + step + CLIENTS.length) % CLIENTS.length;
        const list = event.currentTarget as HTMLElement;
        requestAnimationFrame(() => list.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
    };
    return m(".connect",
        m(".tabs.small[role=tablist]", { "aria-label": t("connect"), onkeydown: move }, CLIENTS.map(([label], at) =>
            m("button[type=button][role=tab]", {
                id: `client-${at}`,
                "aria-selected": String(at === chosen),
                "aria-controls": "client-string",
                tabindex: at === chosen ? 0 : -1,
                onclick: () => (chosen = at),
            }, label))),
        m("#client-string[role=tabpanel]", { "aria-labelledby": `client-${chosen}` },
            codeBlock(write(host, one.port, one.db_user_name || "rdsuser"), name)),
        m("p.hint", t("connect_text")));
}
