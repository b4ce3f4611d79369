#!/usr/bin/env python3
"""The house rules that a program can check, one result line each.

    tools/lint.py              every rule
    tools/lint.py layers       only rules whose name begins so
    tools/lint.py --functions  lists functions over the aim of 60 lines (a report, not a rule)

A rule is a generator in RULES that yields one line for each place that breaks it.
"""
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The engine's folders, lowest first: each may include those before it, and itself. `tds` and
# `syntax` stand apart: they know neither PostgreSQL nor each other, and all may use them.
LAYERS = ["errors", "types", "catalogue", "context", "functions", "bind", "plan", "execute",
          "procedures", "ddl", "views", "session", "listener", "init"]
PURE = {"tds": set(), "syntax": set()}
EVERYWHERE = {"pgcompat", "tds", "syntax"}

# The daemon's folders, lowest first; `tdsclient` stands apart and services know not each other.
CLOUD_LAYERS = ["base", "crypto", "store", "jobs", "api", "iam", "supervise", "disk", "hypervisor",
                "network", "rds", "ces", "provision", "vpc", "ims", "evs", "ecs", "doctor", "http", "main"]
CLOUD_PURE = {"tdsclient": {"tdsclient", "base"}, "host": {"host", "base"}}

# What a function does wrong, and what to use instead.
BANNED = {
    "strcpy": "strlcpy or a sized copy", "strcat": "a string buffer", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "strsep or an own scan",
    "system": "fork and exec", "popen": "fork and exec", "atoi": "strtol", "atol": "strtol",
    "atof": "strtod", "alloca": "a bounded array or a memory context", "tmpnam": "mkstemp",
    "mktemp": "mkstemp", "strncpy": "strlcpy or memcpy", "sleep": "waiting for an event",
    "usleep": "waiting for an event", "asctime": "strftime", "ctime": "strftime",
}
EMPTY_NAMES = {"util", "utils", "common", "misc", "helper", "helpers"}
MOST_LINES, EXPLAIN_LINES, FUNCTION_AIM = 1500, 1000, 60
SOURCE_FOLDERS = ("engine/", "cloud/", "cli/", "tests/", "bench/", "tools/")


def tracked():
    """The repository's files: those of git, new ones included."""
    run = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(p for p in set(run.stdout.splitlines()) if os.path.exists(os.path.join(ROOT, p)))


FILES = tracked()
C_FILES = [p for p in FILES if p.endswith((".c", ".h", ".def"))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def without_comments(text):
    """C text with comments and strings blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text,
                  flags=re.S)


def includes(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def folder_of_include(path, name):
    """Engine folder that an include in quotes leads to, or None where it is not ours."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if os.path.exists(os.path.join(ROOT, beside)):
        target = beside
    elif os.path.exists(os.path.join(ROOT, "engine", name)):
        target = os.path.normpath("engine/" + name)
    else:
        return None
    parts = target.split("/")
    return parts[1] if parts[0] == "engine" and len(parts) > 2 else None


def rule_layers_engine():
    for path in C_FILES:
        parts = path.split("/")
        if parts[0] != "engine" or len(parts) < 3:
            continue
        folder = parts[1]
        if folder in PURE:
            allowed = PURE[folder] | {folder}
        elif folder in LAYERS:
            allowed = set(LAYERS[:LAYERS.index(folder) + 1]) | EVERYWHERE
        elif folder == "pgcompat":
            allowed = {folder}
        else:
            yield f"{path}: folder {folder} has no place in LAYERS of tools/lint.py"
            continue
        for number, _, name in includes(path):
            target = folder_of_include(path, name)
            if target and target not in allowed:
                yield f"{path}:{number}: {folder} may not include {name} ({target})"


def rule_layers_pure():
    for path in C_FILES:
        if path.startswith(("engine/tds/", "engine/syntax/")):
            for number, _, name in includes(path):
                if name in ("postgres.h", "fmgr.h", "c.h") or name.startswith(
                        ("utils/", "nodes/", "access/", "catalog/pg_", "executor/", "libpq/")):
                    yield f"{path}:{number}: a pure layer includes PostgreSQL's {name}"


def rule_layers_cli():
    for path in C_FILES:
        if path.startswith("cli/"):
            for number, _, name in includes(path):
                if folder_of_include(path, name):
                    yield f"{path}:{number}: cli/ knows the engine only from outside"


def rule_layers_cloud():
    for path in C_FILES:
        parts = path.split("/")
        if parts[0] != "cloud" or len(parts) < 3:
            continue
        folder = parts[1]
        if folder in CLOUD_PURE:
            allowed = CLOUD_PURE[folder]
        elif folder in CLOUD_LAYERS:
            allowed = set(CLOUD_LAYERS[:CLOUD_LAYERS.index(folder) + 1]) | set(CLOUD_PURE)
        else:
            yield f"{path}: folder {folder} has no place in CLOUD_LAYERS of tools/lint.py"
            continue
        for number, quote, name in includes(path):
            target = name.split("/")[0]
            if quote != '"' or "/" not in name:
                continue
            if os.path.exists(os.path.join(ROOT, "cloud", name)):
                if target not in allowed:
                    yield f"{path}:{number}: {folder} may not include {name}"
            elif folder_of_include(path, name):
                yield f"{path}:{number}: cloud/ knows the engine only from outside"


def rule_sizes():
    for path in FILES:
        if path.endswith((".c", ".h", ".py", ".sh", ".js", ".go", ".rs", ".java", ".ts")):
            lines = read(path).splitlines()
            if len(lines) > MOST_LINES:
                yield f"{path}: {len(lines)} lines; split it (at most {MOST_LINES})"
            elif len(lines) > EXPLAIN_LINES and not re.search(
                    r"(long|big|large|length|one file|lines|single file|together)",
                    "\n".join(lines[:25])):
                yield f"{path}: {len(lines)} lines; its head must say why it is so long"


def rule_banned():
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in C_FILES:
        if path.startswith(SOURCE_FOLDERS):
            for number, line in enumerate(without_comments(read(path)).splitlines(), 1):
                found = pattern.search(line)
                if found:
                    name = found.group(1)
                    yield f"{path}:{number}: {name} is banned; use {BANNED[name]}"


def rule_names():
    for path in FILES:
        parts = path.split("/")
        stem = parts[-1].split(".")[0].lower()
        for word in [stem] + [part.lower() for part in parts[:-1]]:
            if word in EMPTY_NAMES:
                yield f"{path}: a name that says nothing"


def rule_folder_readme():
    folders = {os.path.dirname(p) for p in C_FILES if p.startswith(("engine/", "cloud/", "cli/", "bench/"))}
    folders |= {os.path.dirname(p) for p in FILES if p.startswith("tests/") and
                p.endswith((".py", ".c")) and p.count("/") == 2}
    for folder in sorted(folders):
        if folder.count("/") <= 1 and folder not in ("engine", "cli") and \
                not os.path.exists(os.path.join(ROOT, folder, "README.md")):
            yield f"{folder}/: README.md is missing (what comes in, what goes out, what it includes)"


def rule_file_head():
    for path in C_FILES:
        if path.endswith((".c", ".h")) and not read(path).lstrip().startswith(("/*", "//")):
            yield f"{path}: does not open with what it is and where it stands"


def rule_header_once():
    for path in C_FILES:
        if path.endswith(".h") and "#pragma once" not in read(path):
            yield f"{path}: lacks #pragma once"


def postgres_include():
    """PostgreSQL's header folder that the build was configured with; None where it was not."""
    path = os.path.join(ROOT, "build", "meson-info", "intro-buildoptions.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        options = {option["name"]: option["value"] for option in json.load(file)}
    run = subprocess.run([options["pg_config"], "--includedir-server"], capture_output=True,
                         text=True, check=False)
    return run.stdout.strip() or None


def compile_header(path, server, folder):
    pure = path.startswith(("engine/tds/", "engine/syntax/", "cloud/", "cli/", "tests/", "bench/"))
    source = os.path.join(folder, path.replace("/", "_") + ".c")
    with open(source, "w", encoding="utf-8") as file:
        if not pure:
            file.write('#include "postgres.h"\n')
        file.write(f'#include "{os.path.join(ROOT, path)}"\n')
    command = ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Werror",
               "-Wno-unused", *(word for name in (["cloud"] if path.startswith("cloud/") else
                                 ["engine", "cloud"] if path.startswith("tests/") else ["engine"])
                 for word in ("-I", os.path.join(ROOT, name))),
               "-iquote", os.path.join(ROOT, os.path.dirname(path)), "-I", "/usr/include/postgresql",
               "-I", "/usr/include/libxml2",
               "-I", os.path.join(ROOT, "build", "engine")]
    if not pure:
        command += ["-I", server]
    run = subprocess.run(command + [source], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return None
    first = next((line for line in run.stderr.splitlines() if "error" in line), run.stderr[:200])
    return f"{path}: does not compile alone: {first}"


def rule_header_alone():
    server = postgres_include()
    if not server:
        yield "the build is not configured: run make build first"
        return
    headers = [p for p in C_FILES if p.endswith(".h")]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from filter(None, pool.map(lambda p: compile_header(p, server, folder), headers))


def rule_format():
    sources = [p for p in C_FILES if p.endswith((".c", ".h"))]
    for start in range(0, len(sources), 40):
        run = subprocess.run(["clang-format", "--dry-run", *sources[start:start + 40]], cwd=ROOT,
                             capture_output=True, text=True, check=False)
        seen = set()
        for line in run.stderr.splitlines():
            found = re.match(r"([^:\s]+):(\d+):\d+: warning: code should be clang-formatted", line)
            if found and found.group(1) not in seen:
                seen.add(found.group(1))
                yield f"{found.group(1)}:{found.group(2)}: not as clang-format writes it"


def rule_python():
    for path in FILES:
        if path.endswith(".py"):
            try:
                ast.parse(read(path), path)
            except SyntaxError as error:
                yield f"{path}:{error.lineno}: {error.msg}"


def rule_text():
    """No blanks at line ends, no tabs in C, a newline at the end, no names of one machine."""
    for path in FILES:
        if not path.endswith((".c", ".h", ".def", ".py", ".sh", ".md", ".build")):
            continue
        text = read(path)
        if text and not text.endswith("\n"):
            yield f"{path}: no newline at its end"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                yield f"{path}:{number}: blanks at the line's end"
            if "\t" in line and path.endswith((".c", ".h")):
                yield f"{path}:{number}: a tab"


def rule_functions_tested():
    """Every built-in function stands in an SQL case."""
    cases = "".join(read(path) for path in FILES
                    if path.startswith("tests/sql/cases/") and path.endswith(".sql")).upper()
    for path in FILES:
        if path != "engine/functions/functions.def":
            continue
        for name in re.findall(r'^SQL_FUNCTION\("([^"]+)"', read(path), re.M):
            if not re.search(rf"\b{name.replace('_', '[_ ]')}\b", cases):
                yield f"{path}: {name} has no case in tests/sql/cases"


def rule_unfinished():
    """Marks that say something is to be done later: do it, or say in the README that it is not."""
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
    for path in FILES:
        if path.endswith((".c", ".h", ".def", ".py", ".sh", ".sql", ".md")):
            for number, line in enumerate(read(path).splitlines(), 1):
                if marks.search(line):
                    yield f"{path}:{number}: {line.strip()[:80]}"


def functions(path):
    """(name, first line, number of lines) of each function definition in house style."""
    lines = read(path).splitlines()
    for index, line in enumerate(lines):
        found = re.match(r"([A-Za-z_]\w*)\(", line)
        if not found or index == 0 or not re.match(r"[A-Za-z_]", lines[index - 1]):
            continue
        for end in range(index, len(lines)):
            if lines[end].endswith(";") and end < index + 12 and not lines[end].startswith(" "):
                break
            if lines[end] == "}":
                yield found.group(1), index + 1, end - index + 1
                break


def report_functions():
    found = [(length, path, line, name) for path in C_FILES if path.endswith(".c")
             for name, line, length in functions(path) if length > FUNCTION_AIM]
    for length, path, line, name in sorted(found, reverse=True):
        print(f"{length:5} lines  {name}  {path}:{line}")
    print(f"{len(found)} functions over {FUNCTION_AIM} lines")


def rule_function_length():
    """The aim is 60 lines; a table-like switch may be longer, but nothing needs 250."""
    for path in C_FILES:
        if path.endswith(".c") and path.startswith(("engine/", "cloud/", "cli/")):
            for name, line, length in functions(path):
                if length > 250:
                    yield f"{path}:{line}: {name} has {length} lines"


RULES = {name[5:].replace("_", "-"): rule for name, rule in list(globals().items())
         if name.startswith("rule_")}
NEEDS = {"format": "clang-format"}


def main():
    if "--functions" in sys.argv:
        report_functions()
        return 0
    chosen = sys.argv[1:]
    failed = 0
    for name, rule in RULES.items():
        if chosen and not any(name.startswith(word) for word in chosen):
            continue
        if name in NEEDS and not shutil.which(NEEDS[name]):
            print(f"skip {name}: {NEEDS[name]} is not here")
            continue
        broken = list(rule())
        for line in broken:
            print(f"  {line}")
        print(f"not ok {name}: {len(broken)} places, the first: {broken[0]}" if broken
              else f"ok {name}", flush=True)
        failed += bool(broken)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
