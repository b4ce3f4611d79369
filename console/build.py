#!/usr/bin/env python3
"""Checks the console's types, bundles it, and writes it as the C table of cloud/http/server.h.

    build.py OUTPUT.c [FOLDER]      FOLDER also gets the files as they are served
    build.py --sources              names what it reads

tsc, esbuild and mithril are Debian's packages node-typescript, esbuild and node-mithril; nothing is
fetched. Names under /assets/ carry a hash of their content, so that browsers may keep them.
"""
import glob
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# Where Debian puts Node's packages, by release.
MODULES = ["/usr/share/nodejs", "/usr/lib/nodejs", "/usr/share/javascript"]
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def run(words, **environment):
    done = subprocess.run(words, cwd=HERE, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\nconsole: {words[0]} failed")


def bundle(folder):
    """The script and the style, as bytes."""
    modules = ":".join(MODULES)
    script, style = os.path.join(folder, "console.js"), os.path.join(folder, "console.css")
    run(["esbuild", "src/main.ts", "--bundle", "--minify", "--target=es2020", "--charset=utf8",
         f"--outfile={script}", "--log-level=warning"], NODE_PATH=modules)
    joined = os.path.join(folder, "joined.css")
    with open(joined, "w", encoding="utf-8") as file:
        for name in sorted(glob.glob(os.path.join(HERE, "style", "*.css"))):
            with open(name, encoding="utf-8") as part:
                file.write(part.read())
    run(["esbuild", joined, "--minify", "--charset=utf8", f"--outfile={style}", "--log-level=warning"])
    with open(script, "rb") as one, open(style, "rb") as other:
        return one.read(), other.read()


def static(name):
    with open(os.path.join(HERE, "static", name), "rb") as file:
        return file.read()


def lasting(stem, extension, content):
    return f"/assets/{stem}-{hashlib.sha256(content).hexdigest()[:12]}{extension}"


def files():
    """Path and bytes of everything that is served."""
    with tempfile.TemporaryDirectory() as folder:
        script, style = bundle(folder)
    icon = static("icon.svg")
    found = {lasting("console", ".js", script): script, lasting("console", ".css", style): style,
             lasting("icon", ".svg", icon): icon}
    page = static("index.html").decode()
    for path in found:
        mark = {".js": "@SCRIPT@", ".css": "@STYLE@", ".svg": "@ICON@"}[os.path.splitext(path)[1]]
        page = page.replace(mark, path)
    found["/index.html"] = page.encode()
    for path, content in list(found.items()):
        packed = gzip.compress(content, 9, mtime=0)
        if len(packed) < len(content):
            found[path + ".gz"] = packed
    return found


def c_table(found):
    out = ["/* Made by console/build.py. */", '#include "http/server.h"', ""]
    for number, content in enumerate(found.values()):
        out.append(f"static const unsigned char asset_{number}[] = {{")
        for start in range(0, len(content), 20):
            out.append("    " + "".join(f"{byte}," for byte in content[start:start + 20]))
        out.append("};")
    out.append("\nconst HttpAsset http_assets[] = {")
    for number, path in enumerate(found):
        kind = TYPES[os.path.splitext(path[:-3] if path.endswith(".gz") else path)[1]]
        out.append(f'    {{"{path}", "{kind}", asset_{number}, sizeof(asset_{number})}},')
    out.append("};")
    out.append(f"const int http_asset_count = {len(found)};")
    return "\n".join(out) + "\n"


def sources():
    """What the build depends on, for meson."""
    for pattern in ("src/**/*.ts", "style/*.css", "static/*", "tsconfig.json"):
        yield from sorted((os.path.relpath(path, HERE) for path in
                           glob.glob(os.path.join(HERE, pattern), recursive=True)))


def main():
    if sys.argv[1] == "--sources":
        print("\n".join(sources()))
        return
    run(["tsc", "-p", "tsconfig.json"])
    found = files()
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(c_table(found))
    for path, content in found.items() if len(sys.argv) > 2 else ():
        target = os.path.join(sys.argv[2], path.lstrip("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


main()
