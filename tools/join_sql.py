#!/usr/bin/env python3
"""Joins SQL fragments into the extension's install script, in the order given."""
import sys

out, fragments = sys.argv[1], sys.argv[2:]
with open(out, "w", encoding="utf-8") as script:
    script.write("\\echo Use \"CREATE EXTENSION casement\" to load this file. \\quit\n")
    for path in fragments:
        with open(path, encoding="utf-8") as fragment:
            script.write(f"\n-- {path.split('engine/')[-1]}\n{fragment.read()}")
