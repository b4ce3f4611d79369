// What is asked of every page: no errors, no foreign requests, names, contrast, no sideways scrolling.
"use strict";

// Watches a page; `problems` fills up.
function watch(page, address) {
    const problems = [];
    const origin = new URL(address).origin;
    page.allowed = null;
    page.on("console", (line) => {
        if (!["error", "warning"].includes(line.type())) return;
        if (page.allowed && page.allowed.test(line.text())) return;
        problems.push(`console: ${line.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:")) problems.push(`foreign request: ${url}`);
    });
    return problems;
}

// In the page: what is wrong with its names, headings and colours.
function faults() {
    const found = [];
    const seen = (node) => {
        const box = node.getBoundingClientRect();
        const style = getComputedStyle(node);
        return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !node.closest("[aria-hidden=true]");
    };
    const nameOf = (node) => {
        const by = node.getAttribute("aria-labelledby");
        return (node.getAttribute("aria-label") || (by && by.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ")) ||
            (node.labels && [...node.labels].map((one) => one.textContent).join(" ")) || node.textContent || "").trim();
    };
    for (const node of document.querySelectorAll("button, a[href], input, select, textarea, [role=img], [role=region], dialog, nav"))
        if (seen(node) && !nameOf(node)) found.push(`no name: ${node.outerHTML.slice(0, 120)}`);
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`id twice: ${id}`);
    if (document.querySelectorAll("h1").length !== 1) found.push(`${document.querySelectorAll("h1").length} h1`);
    if (!document.querySelector("main")) found.push("no main");
    if (!document.documentElement.lang) found.push("no language");
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) found.push("the page scrolls sideways");

    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (text) => {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = text;
        paint.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const ground = (node) => {
        const layers = [];
        for (let one = node; one; one = one.parentElement) {
            const colour = rgba(getComputedStyle(one).backgroundColor);
            if (colour[3] > 0) layers.push(colour);
            if (colour[3] === 1) break;
        }
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const light = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const told = new Set();
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !seen(node) || node.closest(":disabled, .unseen, textarea, option, svg")) continue;
        const style = getComputedStyle(node);
        const back = ground(node);
        const front = over(rgba(style.color), back);
        const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 600);
        if (ratio < (large ? 3 : 4.5)) told.add(`contrast ${ratio.toFixed(2)}: ${node.className || node.tagName} "${node.textContent.trim().slice(0, 24)}"`);
    }
    return found.concat([...told]);
}

module.exports = { watch, faults };
