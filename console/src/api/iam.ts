// The operations of IAM that the console uses.
import { session } from "../session";
import { call, withQuery } from "./client";
import { AccessKey, Group, Role, User } from "./types";

const domain = (): string => session()!.domain.id;

export const listUsers = async (): Promise<User[]> =>
    (await call<{ users: User[] }>("GET", withQuery("/v3/users", { domain_id: domain() }))).users;
export const createUser = async (name: string, password: string, description: string): Promise<User> =>
    (await call<{ user: User }>("POST", "/v3.0/OS-USER/users", {
        user: { name, password, description, domain_id: domain(), enabled: true },
    })).user;
export const updateUser = (id: string, user: Partial<User> & { password?: string }): Promise<unknown> =>
    call("PATCH", `/v3/users/${id}`, { user });
export const deleteUser = (id: string): Promise<unknown> => call("DELETE", `/v3/users/${id}`);

export const listGroups = async (): Promise<Group[]> =>
    (await call<{ groups: Group[] }>("GET", withQuery("/v3/groups", { domain_id: domain() }))).groups;
export const createGroup = (name: string, description: string): Promise<unknown> =>
    call("POST", "/v3/groups", { group: { name, description, domain_id: domain() } });
export const deleteGroup = (id: string): Promise<unknown> => call("DELETE", `/v3/groups/${id}`);
export const groupUsers = async (id: string): Promise<User[]> =>
    (await call<{ users: User[] }>("GET", `/v3/groups/${id}/users`)).users;
export const addToGroup = (group: string, user: string): Promise<unknown> => call("PUT", `/v3/groups/${group}/users/${user}`);
export const removeFromGroup = (group: string, user: string): Promise<unknown> =>
    call("DELETE", `/v3/groups/${group}/users/${user}`);
export const listRoles = async (): Promise<Role[]> => (await call<{ roles: Role[] }>("GET", "/v3/roles")).roles;
const grants = (group: string): string => `/v3/projects/${session()!.project.id}/groups/${group}/roles`;
export const groupRoles = async (group: string): Promise<Role[]> =>
    (await call<{ roles: Role[] }>("GET", grants(group))).roles;
export const grantRole = (group: string, role: string): Promise<unknown> => call("PUT", `${grants(group)}/${role}`);
export const revokeRole = (group: string, role: string): Promise<unknown> => call("DELETE", `${grants(group)}/${role}`);

const KEYS = "/v3.0/OS-CREDENTIAL/credentials";
export const listKeys = async (user_id: string): Promise<AccessKey[]> =>
    (await call<{ credentials: AccessKey[] }>("GET", withQuery(KEYS, { user_id }))).credentials;
export const createKey = async (user_id: string, description: string): Promise<AccessKey> =>
    (await call<{ credential: AccessKey }>("POST", KEYS, { credential: { user_id, description } })).credential;
export const setKeyStatus = (access: string, status: "active" | "inactive"): Promise<unknown> =>
    call("PUT", `${KEYS}/${access}`, { credential: { status } });
export const deleteKey = (access: string): Promise<unknown> => call("DELETE", `${KEYS}/${access}`);
