// The scenarios, run by run.py: one result line each.
"use strict";
const { chromium } = require("playwright-core");
const { watch, faults } = require("./pages.js");

const settings = JSON.parse(process.env.CONSOLE_TEST);
const { address, shots } = settings;
const DB_PASSWORD = "Casement-1433!";
const PATIENCE = settings.which === "cloud" ? 30000 : 8000;
let browser;
let failed = 0;

function expect(right, what) {
    if (!right) throw new Error(what);
}
async function fill(page, fields) {
    for (const [name, value] of Object.entries(fields)) await page.fill(`#f-${name}`, value);
}
async function signIn(page, password = settings.password) {
    await page.goto(`${address}/`);
    await fill(page, { domain: settings.domain, user: settings.user, password });
    await page.keyboard.press("Enter");
}
const heading = (page, text) => page.waitForSelector(`h1:text-is(${JSON.stringify(text)})`);
const shot = (page, name) => page.screenshot({ path: `${shots}/${settings.which}-${name}.png`, fullPage: true });
async function clean(page, where) {
    await page.waitForFunction(() => !document.querySelector(".waiting"));
    await page.waitForTimeout(250); // moving parts come to rest
    const found = await page.evaluate(faults);
    expect(!found.length, `${where}: ${found.join("; ")}`);
}

// A scenario in a fresh browser context; afterwards nothing may have been said on the browser's console.
async function scenario(name, act, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 1280, height: 860 }, locale: "en-GB", ignoreHTTPSErrors: true, reducedMotion: "reduce", ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const problems = watch(page, address);
    const began = Date.now();
    try {
        await act(page);
        expect(!problems.length, problems.join("; "));
        console.log(`ok ${settings.which} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
        failed++;
        await shot(page, `failed-${name.replace(/\W+/g, "-")}`).catch(() => undefined);
        const why = `${error.message} ${problems.join("; ")}`.replace(/\x1b\[\d+m/g, "").replace(/\s+/g, " ");
        console.log(`not ok ${settings.which} ${name}: ${why.slice(0, 700)}`);
    }
    await context.close();
}

async function create(page, name) {
    await page.click("a:has-text('Create instance')");
    await heading(page, "Create instance");
    await page.click("button:text('Continue')");
    await page.waitForSelector("#f-name-problem"); // an empty name is refused here, not by the API
    await fill(page, { name });
    await page.waitForSelector("fieldset.cards");
    await page.click("button:text('Continue')");
    await page.waitForSelector("fieldset.cards input[name=flavor]");
    await page.click("button:text('Continue')");
    await fill(page, { password: "short", again: "short" });
    await page.click("button:text('Continue')");
    await page.waitForSelector("#f-password-problem");
    await fill(page, { password: DB_PASSWORD, again: DB_PASSWORD });
    await page.click("button:text('Continue')");
    await page.click("button:text('Continue')");
    await page.waitForSelector(".review");
    await shot(page, "review");
    await page.click("button:text-is('Create')");
    await page.waitForSelector(".making .connect");
    await shot(page, "created");
    await page.click("a:text('Open instance')");
    await heading(page, name);
    await page.waitForSelector(".head .state:text('Active')");
}
async function tab(page, name) {
    await page.click(`nav.tabs a:text-is('${name}')`);
    await page.waitForSelector(`nav.tabs a[aria-current=page]:text-is('${name}')`);
}
async function run(page, sql) {
    await page.fill(".editor textarea", sql);
    await page.fill("#f-q-password", DB_PASSWORD);
    await page.click("button:text-is('Run')");
    await page.waitForSelector(".output, .trouble");
}
async function wrongPassword(page) {
    page.allowed = /401/;
    await signIn(page, "Not-the-password-1");
    await page.waitForSelector(".trouble:has-text('Domain, user or password is wrong')");
    expect((await page.textContent(".trouble .ids")).includes("Request"), "no request id");
    expect(await page.evaluate(() => document.activeElement.id === "f-password"), "focus is not on the password");
    expect(await page.evaluate(() => !sessionStorage.getItem("casement.session")), "a session was kept");
    await clean(page, "sign in");
    await shot(page, "wrong-password");
}

const mock = [
    ["a wrong password is refused, with code and request id", wrongPassword],
    ["signing in lasts a reload and ends by signing out", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        await page.reload();
        await heading(page, "Instances");
        await page.waitForSelector(".instances path.line");
        await clean(page, "instances");
        await shot(page, "instances");
        await page.click("button[aria-label=admin]");
        await page.click("[role=menuitem]:text('Sign out')");
        await page.waitForSelector("#f-password");
        expect(await page.evaluate(() => !sessionStorage.length), "the session was kept");
    }],
    ["an instance is created and becomes active", async (page) => {
        await signIn(page);
        await create(page, "newshop");
    }],
    ["each page has names, contrast and one heading, light and dark", async (page) => {
        await signIn(page);
        await page.click("a:text-is('shop')");
        await heading(page, "shop");
        for (const name of ["Overview", "Query", "Databases", "Accounts", "Backups", "Parameters", "Logs", "Jobs"]) {
            await tab(page, name);
            await clean(page, name);
            await shot(page, name.toLowerCase());
        }
        await page.click("button[aria-label='Use dark colours']");
        for (const place of ["jobs", "templates", "recycle", "access", "quotas", "create", "instances"]) {
            await page.goto(`${address}/#/${place}`);
            await clean(page, `${place}, dark`);
            await shot(page, `${place}-dark`);
        }
    }],
    ["queries give results, messages, and can be cancelled", async (page) => {
        await signIn(page);
        await page.click("a:text-is('shop')");
        await tab(page, "Query");
        await page.fill(".editor textarea", "SELECT 1; SELECT 2;");
        await page.fill("#f-q-password", DB_PASSWORD);
        await page.focus(".editor textarea");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("[role=tab]:has-text('Result 2')");
        expect(await page.locator(".grid tbody tr").count() === 3, "not three rows");
        expect(await page.locator(".grid td.null").count() === 1, "NULL is not shown as such");
        await clean(page, "results");
        await shot(page, "results");
        await page.fill(".editor textarea", "SELECT 1/0");
        await page.click("button:text-is('Run')");
        await page.waitForSelector(".messages .bad:has-text('Msg 8134, Level 16')");
        await page.fill(".editor textarea", "WAITFOR DELAY '0:10'");
        await page.click("button:text-is('Run')");
        await page.click("button:text-is('Cancel')");
        await page.waitForSelector("text=Cancelled.");
    }],
    ["a database is restored to a moment under a new name", async (page) => {
        await signIn(page);
        await page.click("a:text-is('shop')");
        await tab(page, "Backups");
        await page.focus("#restore-slider");
        const before = await page.textContent(".restore output");
        for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
        expect(await page.textContent(".restore output") !== before, "the slider does not move by keyboard");
        await page.check("input[name=target][value=database]");
        await page.click("button:text('Restore…')");
        await fill(page, { renamed: "shop_yesterday" });
        await page.click("dialog button:text-is('Restore')");
        await page.waitForSelector(".tray [role=progressbar]");
        await shot(page, "restoring");
        await page.waitForSelector(".toast");
        await tab(page, "Databases");
        await page.waitForSelector("td:has-text('shop_yesterday')");
    }],
    ["deleting asks for the name; dialogs trap focus and close on Escape", async (page) => {
        await signIn(page);
        await page.click("a:text-is('reporting')");
        await heading(page, "reporting");
        await page.click("button[aria-label='More actions']");
        await page.keyboard.press("End");
        await page.click("[role=menuitem]:text('Delete instance')");
        expect(await page.isDisabled("dialog button.danger"), "it may be deleted without its name");
        for (let i = 0; i < 8; i++) {
            await page.keyboard.press("Tab");
            expect(await page.evaluate(() => !!document.activeElement.closest("dialog") || document.activeElement === document.body),
                "focus left the dialog");
        }
        await clean(page, "dialog");
        await page.keyboard.press("Escape");
        await page.waitForSelector("dialog", { state: "detached" });
        await page.click("button[aria-label='More actions']");
        await page.click("[role=menuitem]:text('Delete instance')");
        await fill(page, { confirm: "reporting" });
        await page.click("dialog button.danger");
        await page.waitForSelector("td:has-text('reporting')", { state: "detached" });
        await page.click("nav a:text-is('Recycle bin')");
        await page.waitForSelector("td:has-text('reporting')");
        await page.click("button:text-is('Rebuild')");
        await fill(page, { password: DB_PASSWORD });
        await page.click("dialog button:text-is('Rebuild')");
        await page.waitForSelector("tr:has-text('reporting'):has-text('Active')");
    }],
    ["errors of the API are shown with code and request id, and can be tried again", async (page) => {
        page.allowed = /409|500/;
        await signIn(page);
        await heading(page, "Instances");
        const fail = (match, status, body) => page.request.post(`${address}/mock/fail`, { data: { match, status, body } });
        await page.click("a:text-is('shop')");
        await fail("GET /v3/" + "0c".repeat(16) + "/instances/" + (await page.url().split("/").pop()) + "/database/detail", 500,
            { error_code: "DBS.280036", error_msg: "Not ready." });
        await tab(page, "Databases");
        await page.waitForSelector(".trouble:has-text('DBS.280036')");
        expect((await page.textContent(".trouble")).includes("req-7777"), "no request id");
        await page.click(".trouble button:text('Try again')");
        await page.waitForSelector("td:has-text('northwind')");
        await page.click("button:text('Create database')");
        await fill(page, { name: "shop" });
        await page.click("dialog button:text-is('Create')");
        await page.waitForSelector("dialog .trouble:has-text('DBS.280110')");
        await shot(page, "error");
    }],
    ["in French, everything is French", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        expect(await page.getAttribute("html", "lang") === "fr", "lang");
        await page.click("a:text-is('shop')");
        await page.waitForSelector("h2:text-is('Surveillance')");
        await page.waitForSelector("strong:text-matches('^[0-9,]+\\\\s%$')"); // a number as French writes it
        const text = await page.evaluate(() => document.body.innerText);
        for (const word of ["Restart", "Storage", "Databases", "Settings", "Created", "Sign out"]) expect(!text.includes(word), word);
        await clean(page, "French");
        await shot(page, "french");
        await page.click("button[title=English]");
        await page.waitForSelector("h2:text-is('Monitoring')");
        expect(await page.getAttribute("html", "lang") === "en", "lang does not follow");
    }, { locale: "fr-FR" }],
    ["a phone's width is enough", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        await clean(page, "phone, instances");
        await shot(page, "phone-instances");
        await page.click("button[aria-label=Menu]");
        await page.click("nav a:text-is('Jobs')");
        await heading(page, "Jobs");
        await clean(page, "phone, jobs");
        await page.goto(`${address}/#/instances`);
        await page.click("a:text-is('shop')");
        for (const name of ["Overview", "Query", "Accounts", "Backups", "Parameters", "Logs"]) {
            await tab(page, name);
            await clean(page, `phone, ${name}`);
            await shot(page, `phone-${name.toLowerCase()}`);
        }
    }, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" }],
    ["the skip link and the order of focus work by keyboard", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        await page.reload();
        await heading(page, "Instances");
        await page.keyboard.press("Tab");
        expect(await page.evaluate(() => document.activeElement.className) === "skip", "the skip link is not first");
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        expect(outline !== "none", "focus cannot be seen");
        await page.keyboard.press("Enter");
        expect(await page.evaluate(() => document.activeElement.id) === "main", "the skip link does not skip");
        await page.keyboard.press("Tab");
        expect(await page.evaluate(() => document.activeElement.textContent.includes("Create instance")), "focus order");
    }],
];

const cloud = [
    ["a wrong password is refused, with code and request id", wrongPassword],
    ["sign in, create, query, back up, restore", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        await create(page, "console-shop");
        await shot(page, "overview");
        await tab(page, "Databases");
        await page.click("button:text('Create database')");
        await fill(page, { name: "shop" });
        await page.click("dialog button:text-is('Create')");
        await page.waitForSelector("td:has-text('shop')");
        await tab(page, "Query");
        await page.selectOption("#f-q-database", "shop");
        await run(page, "CREATE TABLE t (id int, name nvarchar(20)); INSERT t VALUES (1, N'été'), (2, NULL); SELECT * FROM t ORDER BY id;");
        await page.waitForSelector(".grid td:text-is('été')");
        await shot(page, "query");
        await tab(page, "Backups");
        await page.waitForSelector(".restore output", { timeout: 60000 });
        await shot(page, "backups");
        await page.click("button:text('Restore…')");
        await fill(page, { name: "console-restored", password: DB_PASSWORD });
        await page.click("dialog button:text-is('Restore')");
        await heading(page, "Instances");
        await page.waitForSelector("tr:has-text('console-restored'):has-text('Active')", { timeout: 90000 });
        await page.click("a:text-is('console-restored')");
        await tab(page, "Query");
        await page.waitForSelector("#f-q-database option[value=shop]", { state: "attached" });
        await page.selectOption("#f-q-database", "shop");
        await run(page, "SELECT name FROM t ORDER BY id;");
        await page.waitForSelector(".grid td:text-is('été')");
        await shot(page, "restored");
    }],
    ["each page opens", async (page) => {
        await signIn(page);
        await heading(page, "Instances");
        for (const place of ["jobs", "templates", "recycle", "access", "quotas"]) {
            await page.goto(`${address}/#/${place}`);
            await clean(page, place);
            expect(!(await page.locator(".trouble").count()), `${place}: ${await page.locator(".trouble").allTextContents()}`);
            await shot(page, place);
        }
        await page.goto(`${address}/#/instances`);
        await page.click("td a");
        for (const name of ["Overview", "Databases", "Accounts", "Parameters", "Logs", "Jobs"]) {
            await tab(page, name);
            await clean(page, name);
            expect(!(await page.locator(".trouble").count()), `${name}: ${await page.locator(".trouble").allTextContents()}`);
        }
    }],
];

(async () => {
    browser = await chromium.launch({ executablePath: settings.browser, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    for (const [name, act, options] of settings.which === "mock" ? mock : cloud) await scenario(name, act, options);
    await browser.close();
    process.exit(failed ? 1 : 0);
})();
