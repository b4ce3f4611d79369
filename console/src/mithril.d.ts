// What the console uses of mithril: Debian's package has no types of its own.
declare module "mithril" {
    export interface Vnode<A = {}> {
        attrs: A;
        children: Child[];
        dom: HTMLElement;
        key?: string | number;
    }
    export type Child = Vnode<any> | string | number | boolean | null | undefined | Child[];
    export interface Component<A = {}> {
        view(vnode: Vnode<A>): Child;
        oninit?(vnode: Vnode<A>): void;
        oncreate?(vnode: Vnode<A>): void;
        onupdate?(vnode: Vnode<A>): void;
        onremove?(vnode: Vnode<A>): void;
    }
    export type Maker<A = {}> = (vnode: Vnode<A>) => Component<A>;
    export type Attributes = { [name: string]: any };
    interface Route {
        (root: Element, first: string, routes: { [path: string]: { render(vnode: Vnode<any>): Child } }): void;
        set(path: string, parameters?: unknown, options?: { replace?: boolean }): void;
        get(): string;
        prefix(prefix: string): void;
        param(name: string): string;
    }
    interface Static {
        (tag: string, ...children: Child[]): Vnode<any>;
        (tag: string, attributes: Attributes, ...children: Child[]): Vnode<any>;
        <A>(component: Component<A> | Maker<A>, attributes?: A & { key?: string | number }): Vnode<A>;
        route: Route;
        redraw(): void;
    }
    const m: Static;
    namespace m {
        export { Attributes, Child, Component, Vnode };
    }
    export default m;
}
