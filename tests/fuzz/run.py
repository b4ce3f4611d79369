#!/usr/bin/env python3
"""Builds the fuzz targets with clang's libFuzzer and runs each for a while.

    tests/fuzz/run.py                       every target, 30 seconds each
    tests/fuzz/run.py --seconds 600 lexer   one target, longer
"""
import argparse
import ast
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(ROOT, "build", "fuzz")
SANITIZERS = "address,undefined"
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-fno-omit-frame-pointer",
         f"-fsanitize={SANITIZERS}", "-fno-sanitize-recover=all", "-fwrapv",
         "-I", os.path.join(ROOT, "engine"), "-I", os.path.join(ROOT, "cloud"),
         "-I", "/usr/include/postgresql", "-DCASEMENT_VERSION=\"0\""]
# Targets of the daemon: those whose names begin so; what they are linked with.
CLOUD_TARGETS = ("api_", "signature")
CLOUD_SOURCES = ("base/json.c", "base/log.c", "base/memory.c", "base/moment.c", "crypto/*.c",
                 "api/*.c", "store/connection.c", "store/rows.c", "http/dispatch.c",
                 "iam/signature.c")
CLOUD_LIBRARIES = ["-ljansson", "-lpq", "-lcrypto", "-lpthread", "-lm"]


def newer(target, sources):
    """Whether the target was made after all its sources changed."""
    if not os.path.exists(target):
        return False
    made = os.path.getmtime(target)
    return all(os.path.getmtime(source) <= made for source in sources)


def compile_one(job):
    """Compiles one source; returns what the compiler said when it failed."""
    source, target, flags, headers = job
    if newer(target, [source, *headers]):
        return ""
    run = subprocess.run(["clang", *FLAGS, *flags, "-c", source, "-o", target],
                         capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stderr


def is_cloud(name):
    return name.startswith(CLOUD_TARGETS)


def build_library(patterns, headers):
    """Objects of some sources, instrumented for the fuzzer. Generated headers are in build/."""
    jobs = []
    for source in (path for pattern in patterns for path in glob.glob(os.path.join(ROOT, pattern))):
        name = os.path.relpath(source, ROOT).replace("/", "_")[:-2] + ".o"
        flags = ["-fsanitize=fuzzer-no-link", "-I", os.path.join(ROOT, "build", "engine")]
        jobs.append((source, os.path.join(WORK, name), flags, headers))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in pool.map(compile_one, jobs):
            if problem:
                raise RuntimeError(problem)
    return [target for _, target, _, _ in jobs]


def archive(objects):
    """A library of them, of which each target takes what it uses."""
    target = os.path.join(WORK, "cloud.a")
    if not newer(target, objects):
        subprocess.run(["ar", "rcs", target, *objects], check=True, capture_output=True, text=True)
    return [target]


def build_target(name, objects, headers):
    source = os.path.join(HERE, f"fuzz_{name}.c")
    target = os.path.join(WORK, f"fuzz_{name}")
    if not newer(target, [source, *objects, *headers]):
        subprocess.run(["clang", *FLAGS, "-fsanitize=fuzzer", "-I",
                        os.path.join(ROOT, "build", "engine"), source, *objects, *(CLOUD_LIBRARIES if is_cloud(name) else []), "-o", target],
                       check=True, capture_output=True, text=True)
    return target


def sql_seeds():
    """The batches of the SQL cases as seeds: a byte of options, then the text."""
    folder = os.path.join(WORK, "sql_seeds")
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(os.path.join(ROOT, "tests", "sql", "cases", "*.sql")) + \
            glob.glob(os.path.join(ROOT, "samples", "*.sql")):
        with open(path, encoding="utf-8") as file:
            batches = file.read().split("\nGO\n")
        for number, batch in enumerate(batches):
            name = f"{os.path.basename(path)[:-4]}_{number}"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("1" + batch)
    for number, snippet in enumerate(unit_snippets()):
        with open(os.path.join(folder, f"snippet_{number}"), "wb") as file:
            file.write(b"1" + snippet)
    return folder


def unit_snippets():
    """The batches of tests/unit/syntax_snippets.h, which have every statement and clause."""
    with open(os.path.join(ROOT, "tests", "unit", "syntax_snippets.h"), encoding="ascii") as file:
        body = file.read().split("syntax_snippets[] = {", 1)[1].split("\n};", 1)[0]
    body = re.sub(r"/\* ---- .*? ---- \*/", "", body)
    return [text.encode("latin-1") for text in ast.literal_eval("[" + body + "]")]


def sql_dictionary():
    """The words of T-SQL, as a libFuzzer dictionary."""
    path = os.path.join(WORK, "sql.dict")
    with open(os.path.join(ROOT, "engine", "syntax", "keywords.def"), encoding="ascii") as file:
        words = re.findall(r"^(?:RESERVED|CONTEXTUAL)\((\w+)\)", file.read(), re.M)
    marks = ["'", "N'", "[", "]", "/*", "*/", "--", "0x", "$", "::", "@@", ">=", "+=", "{fn ", "{d '",
             "(", ")", "\\\\\\x0a"]
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f'" {word} "\n' for word in words)
        file.writelines(f'"{mark}"\n' for mark in marks)
    return path


def run_target(name, target, seconds):
    """Runs one target; returns (name, what went wrong or "", executions)."""
    corpus = os.path.join(WORK, "corpus", name)
    os.makedirs(corpus, exist_ok=True)
    seeds = os.path.join(HERE, "seeds", name)
    command = [target, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               "-print_final_stats=1", f"-artifact_prefix={WORK}/{name}-", "-verbosity=1",
               "-max_len=65536", corpus]
    if os.path.isdir(seeds):
        command.append(seeds)
    if name in ("lexer", "parser"):
        command.append(sql_seeds())
        command.append(f"-dict={sql_dictionary()}")
    dictionary = os.path.join(HERE, "seeds", f"{name}.dict")
    if os.path.exists(dictionary):
        command.append(f"-dict={dictionary}")
    log = os.path.join(WORK, f"{name}.log")
    with open(log, "w", encoding="utf-8", errors="replace") as out:
        status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, cwd=WORK,
                                check=False).returncode
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    executions = next((line.split()[-1] for line in text.splitlines()
                       if "number_of_executed_units" in line), "?")
    if status == 0:
        return name, "", executions
    marks = ("ERROR:", "runtime error:", "SUMMARY:", "Test unit written")
    told = [line for line in text.splitlines() if any(mark in line for mark in marks)]
    return name, "; ".join(told[:4]) or f"ended with status {status}", executions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=30)
    arguments = parser.parse_args()
    names = sorted(os.path.basename(path)[5:-2] for path in glob.glob(os.path.join(HERE, "fuzz_*.c")))
    names = [name for name in names if not arguments.targets or name in arguments.targets]
    if not shutil.which("clang"):
        for name in names:
            print(f"skip {name}: clang is not here")
        return 0
    os.makedirs(WORK, exist_ok=True)
    headers = [path for pattern in ("engine/tds/*.h", "engine/syntax/*.h", "engine/syntax/*.def",
                                    "engine/tds/*.def", "cloud/*/*.h", "cloud/*/*.def",
                                    "tests/unit/api_stub.h")
               for path in glob.glob(f"{ROOT}/{pattern}")]
    try:
        pure = cloud = []
        if not all(map(is_cloud, names)):
            pure = build_library(("engine/tds/*.c", "engine/syntax/*.c"), headers)
        if any(map(is_cloud, names)):
            cloud = archive(build_library([f"cloud/{name}" for name in CLOUD_SOURCES], headers))
        targets = {name: build_target(name, cloud if is_cloud(name) else pure, headers)
                   for name in names}
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(getattr(error, "stderr", None) or error)
        print("not ok build: the targets do not compile with clang")
        return 1
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, problem, executions in pool.map(
                lambda item: run_target(*item, arguments.seconds), targets.items()):
            print(f"not ok {name}: {problem}" if problem else f"ok {name}")
            print(f"  {executions} inputs in {arguments.seconds} s", flush=True)
            failed = failed or bool(problem)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
