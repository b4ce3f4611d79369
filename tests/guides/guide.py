"""Reads a guide of docs/ and does to a tree what its code blocks say.

A code block is indented by seven blanks (it belongs to a numbered step), and the paragraph above it
ends with one of these, where each name in backquotes is a path from the root or the text of a line:

    A new file `PATH`:
    A new case `NAME`:      (of tests/sql/cases: its .out, which without the lines of > is its .sql)
    At the end of `PATH`:
    In `PATH`, after the line that begins with `TEXT`:
    In `PATH`, before the line that begins with `TEXT`:
    In `PATH`, in the line that begins with `TEXT`, in place of `OLD`:

Blanks at the beginning of the line do not count. A line that is meant must be there exactly once.
"""
import os
import re
import textwrap

NAME = r"`([^`]+)`"
FORMS = [
    ("new", rf"A new file {NAME}:$"),
    ("case", rf"A new case {NAME}:$"),
    ("end", rf"At the end of {NAME}:$"),
    ("after", rf"In {NAME}, after the line that begins with {NAME}:$"),
    ("before", rf"In {NAME}, before the line that begins with {NAME}:$"),
    ("instead", rf"In {NAME}, in the line that begins with {NAME}, in place of {NAME}:$"),
]


class Unclear(Exception):
    """A guide that cannot be followed; the text says where."""


class Step:
    """One code block: what to do (`kind`), to which file, where, and the text."""

    def __init__(self, kind, names, text):
        self.kind, self.path, self.where, self.text = kind, names[0], names[1:], text


def blocks(text):
    """The guide's paragraphs and, whole, its code blocks: (whether code, text)."""
    parts = re.split(r"((?:^ {7}.*\n(?:[ ]*\n(?= {7}))*)+)", text, flags=re.M)
    for number, part in enumerate(parts):
        if number % 2:
            yield True, part
        else:
            yield from ((False, paragraph) for paragraph in part.split("\n\n") if paragraph.strip())


def read_guide(path):
    """The steps of a guide, in its order."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    steps, above = [], ""
    for code, paragraph in blocks(text):
        if not code:
            above = " ".join(paragraph.split())
            continue
        for kind, form in FORMS:
            found = re.search(form, above)
            if found:
                steps.append(Step(kind, found.groups(), textwrap.dedent(paragraph).strip("\n")))
                break
        else:
            raise Unclear(f"{os.path.basename(path)}: nothing says where this goes: "
                          + paragraph.strip().split("\n")[0])
    return steps


def line_of(lines, beginning, path):
    found = [number for number, line in enumerate(lines)
             if line.lstrip().startswith(beginning)]
    if len(found) != 1:
        raise Unclear(f"{path} has {len(found)} lines that begin with {beginning}")
    return found[0]


def write_new(root, path, text):
    if os.path.exists(os.path.join(root, path)):
        raise Unclear(f"{path} is there already")
    with open(os.path.join(root, path), "x", encoding="utf-8") as file:
        file.write(text + "\n")


def apply_step(root, step):
    path = os.path.join(root, step.path)
    if step.kind == "new":
        write_new(root, step.path, step.text)
        return
    if step.kind == "case":
        script = "\n".join(line for line in step.text.split("\n") if not line.startswith(">"))
        write_new(root, f"tests/sql/cases/{step.path}.sql", script)
        write_new(root, f"tests/sql/cases/{step.path}.out", step.text)
        return
    with open(path, encoding="utf-8") as file:
        lines = file.read().rstrip("\n").split("\n")
    if step.kind == "end":
        # Between functions there is an empty line.
        lines += [""] * path.endswith(".c") + step.text.split("\n")
    else:
        at = line_of(lines, step.where[0], step.path)
        if step.kind == "instead":
            if lines[at].count(step.where[1]) != 1:
                raise Unclear(f"{step.path}:{at + 1} does not have {step.where[1]} once")
            lines[at] = lines[at].replace(step.where[1], step.text)
        else:
            # The guide shows a line at its margin; it takes the depth of the place it goes to.
            depth = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
            if step.text.startswith("case ") and lines[at].lstrip().startswith("return "):
                depth = depth[4:]
            at += step.kind == "after"
            lines[at:at] = textwrap.indent(step.text, depth).split("\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
