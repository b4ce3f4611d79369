// Small stores of the page: things asked again and again while someone looks, and things asked once.
import m from "mithril";
import { ApiError } from "../api/client";

// What an API call gave: its value, its error, or that it is under way.
export interface Loaded<T> {
    value: T | undefined;
    error: ApiError | Error | null;
    busy: boolean;
    load(): Promise<void>;
}

export function loaded<T>(fetcher: () => Promise<T>, now = true): Loaded<T> {
    let turn = 0;
    const self: Loaded<T> = {
        value: undefined,
        error: null,
        busy: false,
        async load() {
            const mine = ++turn;
            self.busy = true;
            try {
                const value = await fetcher();
                if (mine === turn) {
                    self.value = value;
                    self.error = null;
                }
            } catch (problem) {
                if (mine === turn) self.error = problem as Error;
            }
            if (mine === turn) self.busy = false;
            m.redraw();
        },
    };
    if (now) void self.load();
    return self;
}

// Calls again after each answer, `pause()` milliseconds later, while the page is visible; ends with stop().
export function every(pause: () => number, act: () => Promise<unknown>): () => void {
    let timer = 0;
    let running = true;
    const turn = async (): Promise<void> => {
        if (!document.hidden) await act().catch(() => undefined);
        if (running) timer = window.setTimeout(turn, pause());
    };
    const seen = (): void => {
        if (running && !document.hidden) {
            window.clearTimeout(timer);
            timer = window.setTimeout(turn, 0);
        }
    };
    document.addEventListener("visibilitychange", seen);
    timer = window.setTimeout(turn, pause());
    return () => {
        running = false;
        window.clearTimeout(timer);
        document.removeEventListener("visibilitychange", seen);
    };
}
