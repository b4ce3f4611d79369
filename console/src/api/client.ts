// Requests to the API: the token goes along, errors come back as ApiError, and the page is drawn
// again when an answer has arrived.
import m from "mithril";

export class ApiError extends Error {
    constructor(
        public status: number,
        public code: string,
        message: string,
        public requestId: string,
    ) {
        super(message);
    }
}

let token: string | null = null;
let whenRefused: () => void = () => undefined;

export function useToken(value: string | null, refused?: () => void): void {
    token = value;
    if (refused) whenRefused = refused;
}

export interface Answer<T> {
    status: number;
    headers: Headers;
    body: T;
}

export type Query = { [name: string]: string | number | boolean | undefined };

export function withQuery(path: string, query?: Query): string {
    const parts = Object.entries(query || {})
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
    return parts.length ? `${path}?${parts.join("&")}` : path;
}

// The services write errors in several forms; code and text may lie at the top or one level down.
function errorOf(status: number, text: string, headers: Headers): ApiError {
    let body: any = {};
    try {
        body = JSON.parse(text);
    } catch {
        body = {};
    }
    const inner = typeof body.error === "object" && body.error ? body.error
        : typeof body.message === "object" && body.message ? body.message : {};
    const code = body.error_code || inner.code || body.code || status;
    const message = body.error_msg || inner.message || inner.details || body.message || `HTTP ${status}`;
    return new ApiError(status, String(code), String(message), headers.get("X-Request-Id") || body.request_id || "");
}

export async function send<T>(
    method: string,
    path: string,
    body?: unknown,
    options: { signal?: AbortSignal; anonymous?: boolean } = {},
): Promise<Answer<T>> {
    const headers: { [name: string]: string } = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (token && !options.anonymous) headers["X-Auth-Token"] = token;
    try {
        let reply: Response;
        try {
            reply = await fetch(path, {
                method,
                headers,
                body: body === undefined ? undefined : JSON.stringify(body),
                signal: options.signal,
                cache: "no-store",
            });
        } catch (problem) {
            if ((problem as Error).name === "AbortError") throw problem;
            throw new ApiError(0, "", "", "");
        }
        const text = await reply.text();
        if (!reply.ok) {
            if (reply.status === 401 && token && !options.anonymous) whenRefused();
            throw errorOf(reply.status, text, reply.headers);
        }
        return { status: reply.status, headers: reply.headers, body: (text ? JSON.parse(text) : {}) as T };
    } finally {
        // After the caller has taken the answer.
        window.setTimeout(m.redraw, 0);
    }
}

export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await send<T>(method, path, body, { signal })).body;
}
