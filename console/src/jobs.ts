// Jobs that this tab has started: followed until they end, shown in the corner meanwhile.
import m, { Child } from "mithril";
import { JobReply, showJob } from "./api/rds";
import { Job } from "./api/types";
import { t } from "./i18n";
import { every } from "./parts/state";
import { state, toast } from "./parts/view";

interface Followed {
    id: string;
    title: string;
    job: Job | null;
    ended?(job: Job): void;
}
let followed: Followed[] = [];
let stop: (() => void) | null = null;
let failures = 0;
const listeners = new Set<() => void>();

export const onJobs = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
};
export const jobOf = (instance: string): Job | null =>
    (followed.find((one) => one.job && one.job.instance && one.job.instance.id === instance) || { job: null }).job;
export const anyJob = (): boolean => followed.length > 0;
export const percentOf = (job: Job | null): number => Math.min(100, parseInt((job && job.process) || "0", 10) || 0);

async function look(): Promise<void> {
    for (const one of [...followed]) {
        try {
            one.job = await showJob(one.id);
            failures = 0;
        } catch (problem) {
            // A daemon that restarts is back soon; a job that nobody knows is not.
            if (++failures > 40 || (problem as { status?: number }).status === 404)
                followed = followed.filter((other) => other !== one);
            continue;
        }
        if (one.job.status === "Running") continue;
        followed = followed.filter((other) => other !== one);
        if (one.job.status === "Failed")
            toast(`${t("job_failed", { name: one.title })}${one.job.fail_reason ? `: ${one.job.fail_reason}` : ""}`, true);
        else toast(`${one.title}: ${t("done").toLowerCase()}`);
        if (one.ended) one.ended(one.job);
    }
    listeners.forEach((listener) => listener());
    if (!followed.length && stop) {
        stop();
        stop = null;
    }
    m.redraw();
}

export function follow(title: string, reply: JobReply, ended?: (job: Job) => void): void {
    const id = reply.job_id || reply.workflowId;
    listeners.forEach((listener) => listener());
    if (!id) return;
    followed.push({ id, title, job: null, ended });
    if (!stop) stop = every(() => 700, look);
}
export function forget(): void {
    followed = [];
    if (stop) stop();
    stop = null;
}

// Names of jobs and steps ("copy_template", "CreateInstance") as words.
export const words = (name: string): string => {
    const text = name.replace(/[_-]/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
    return text.slice(0, 1).toUpperCase() + text.slice(1);
};
export const progress = (part: number, label: string): Child =>
    m(".progress", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": part, "aria-label": label },
        m("span", { style: { width: `${Math.max(3, part)}%` } }));

export const jobTray = (): Child => (followed.length ? m("aside.tray", { "aria-label": t("jobs") },
    followed.map((one) => m(".job", { key: one.id },
        m(".line", m("strong", one.title), one.job ? m("span", `${percentOf(one.job)} %`) : state("Running")),
        progress(percentOf(one.job), one.title),
        one.job && one.job.task_detail ? m("span.hint", words(one.job.task_detail)) : null))) : null);
