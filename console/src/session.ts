// Who is signed in. The token lives in memory and in sessionStorage (this tab, until it is closed).
import { send, useToken } from "./api/client";

export interface Session {
    token: string;
    expires: string;
    user: { id: string; name: string };
    domain: { id: string; name: string };
    project: { id: string; name: string };
}

const KEY = "casement.session";
const LAST = "casement.last-domain";

let current: Session | null = null;
let ended: "expired" | null = null;

function keep(session: Session | null): void {
    current = session;
    useToken(session ? session.token : null, () => {
        ended = "expired";
        keep(null);
    });
    if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
    else sessionStorage.removeItem(KEY);
}

export function restoreSession(): void {
    try {
        const found = JSON.parse(sessionStorage.getItem(KEY) || "null") as Session | null;
        keep(found && Date.parse(found.expires) > Date.now() ? found : null);
    } catch {
        keep(null);
    }
}

export const session = (): Session | null => current;
export const sessionEnded = (): "expired" | null => ended;
export const lastDomain = (): string => localStorage.getItem(LAST) || "";

interface TokenBody {
    token: {
        expires_at: string;
        user: { id: string; name: string; domain: { id: string; name: string } };
        project?: { id: string; name: string };
    };
}
export interface Project {
    id: string;
    name: string;
    enabled?: boolean;
}

async function authenticate(identity: unknown, scope?: unknown): Promise<[string, TokenBody["token"]]> {
    const reply = await send<TokenBody>("POST", "/v3/auth/tokens?nocatalog=true", { auth: { identity, scope } }, {
        anonymous: true,
    });
    return [reply.headers.get("X-Subject-Token") || "", reply.body.token];
}

async function enter(token: string, project: Project): Promise<void> {
    const [scoped, about] = await authenticate({ methods: ["token"], token: { id: token } }, { project: { id: project.id } });
    keep({
        token: scoped,
        expires: about.expires_at,
        user: about.user,
        domain: about.user.domain,
        project: { id: project.id, name: project.name },
    });
}

// Signs in to the domain, then to the project: the one of the last time, else the first.
export async function signIn(domain: string, user: string, password: string): Promise<void> {
    const identity = { methods: ["password"], password: { user: { name: user, password, domain: { name: domain } } } };
    const [token, about] = await authenticate(identity);
    useToken(token);
    try {
        const { projects } = (await send<{ projects: Project[] }>("GET", "/v3/auth/projects")).body;
        const first = projects.filter((one) => one.enabled !== false)[0];
        if (!first) throw new Error("no-project");
        await enter(token, first);
    } finally {
        if (!current) useToken(null);
    }
    ended = null;
    localStorage.setItem(LAST, about.user.domain.name);
}

export async function signOut(): Promise<void> {
    const token = current && current.token;
    if (token)
        await fetch("/v3/auth/tokens", { method: "DELETE", headers: { "X-Auth-Token": token, "X-Subject-Token": token } })
            .catch(() => undefined);
    ended = null;
    keep(null);
}

export const listProjects = async (): Promise<Project[]> =>
    (await send<{ projects: Project[] }>("GET", "/v3/auth/projects")).body.projects;
export const switchProject = (project: Project): Promise<void> => enter(current!.token, project);
