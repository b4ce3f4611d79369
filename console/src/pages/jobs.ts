// Jobs: of the project or of one instance, each with its details.
import m, { Child, Component } from "mithril";
import { listTasks, showJob } from "../api/rds";
import { Task } from "../api/types";
import { duration, moment, t } from "../i18n";
import { progress, words } from "../jobs";
import { show } from "../parts/dialog";
import { trouble } from "../parts/form";
import { every, loaded } from "../parts/state";
import { copyable, empty, facts, section, state, table, waiting } from "../parts/view";
import type { TabAttributes } from "./instance/index";

const percentOf = (task: Task): number => parseInt(task.process || "0", 10) || (task.status === "Completed" ? 100 : 0);

function details(task: Task): void {
    const found = loaded(() => showJob(task.id));
    show(words(task.name), () => {
        const job = found.value;
        return m(".body", trouble(found.error), !job ? (found.error ? null : waiting()) : [
            facts([
                [t("status"), state(job.status)],
                [t("progress"), `${parseInt(job.process || "0", 10)} %`],
                [t("last_step"), words(job.task_detail || "–")],
                [t("instance"), task.instance_name || "–"],
                [t("begun"), moment(job.created, true)],
                [t("ended"), job.ended ? moment(job.ended, true) : "–"],
                ["ID", copyable(job.id)],
            ]),
            job.fail_reason ? trouble(new Error(job.fail_reason)) : null,
        ]);
    });
}

function taskTable(tasks: Task[], withInstance: boolean): Child {
    const columns = [
        { head: t("job"), cell: (one: Task) => m("strong", words(one.name)) },
        ...(withInstance ? [{
            head: t("instance"),
            cell: (one: Task) => (one.instance_id ? m("a", { href: `#/instances/${one.instance_id}` }, one.instance_name || one.instance_id) : "–"),
        }] : []),
        {
            head: t("status"),
            cell: (one: Task) => [state(one.status), one.status === "Running" ? progress(percentOf(one), words(one.name)) : null,
                one.fail_reason ? m("p.reason", one.fail_reason) : null],
        },
        { head: t("begun"), cell: (one: Task) => moment(one.create_time, true) },
        { head: t("duration"), numeric: true, cell: (one: Task) => duration(one.create_time, one.end_time) },
        {
            head: t("actions"),
            quiet: true,
            cell: (one: Task) => m("button.plain[type=button]", {
                "aria-label": `${t("details")}: ${words(one.name)}`,
                onclick: () => details(one),
            }, t("details")),
        },
    ];
    return tasks.length ? table(t("jobs"), columns, tasks, (one) => one.id) : empty(t("no_jobs"), undefined, null, "jobs");
}

function watch(instance?: string): { view(withInstance: boolean): Child; end(): void } {
    const list = loaded(() => listTasks(instance));
    const end = every(() => ((list.value || []).some((one) => one.status === "Running") ? 1000 : 5000), list.load);
    return {
        end,
        view: (withInstance) => [trouble(list.error, list.load),
            list.value ? taskTable(list.value, withInstance) : list.error ? null : waiting()],
    };
}

export function Jobs(): Component {
    const list = watch();
    return {
        onremove: list.end,
        view: () => m(".page", m("header.head", m("h1", t("jobs"))), m("section.panel", list.view(true))),
    };
}
export function InstanceJobs(vnode: m.Vnode<TabAttributes>): Component<TabAttributes> {
    const list = watch(vnode.attrs.instance.id);
    return { onremove: list.end, view: () => section(t("jobs"), null, list.view(false)) };
}
