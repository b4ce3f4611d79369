"""Compares what a test got with its file of expected output."""
import difflib
import os


def compare(name, actual, expected_path, report, update=False):
    """Reports whether the text equals the file's; with update writes the file instead."""
    if update:
        with open(expected_path, "w", encoding="utf-8") as file:
            file.write(actual)
        print(f"wrote {os.path.relpath(expected_path)}")
        return
    try:
        with open(expected_path, encoding="utf-8") as file:
            expected = file.read()
    except FileNotFoundError:
        report.not_ok(name, "there is no expected output; write it with --update and read it")
        return
    if actual == expected:
        report.ok(name)
        return
    difference = list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected",
                                           "actual", lineterm="", n=4))
    print("\n".join(difference[:60]))
    if len(difference) > 60:
        print(f"... {len(difference) - 60} more lines")
    first = next((line for line in difference[2:] if line[0] in "+-"), "")
    report.not_ok(name, f"differs, first at: {first}")
