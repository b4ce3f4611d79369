#!/usr/bin/env python3
"""Writes the install SQL that enters system procedures (T-SQL files, one each) into the catalogue."""
import os
import sys

target, sources = sys.argv[1], sys.argv[2:]
with open(target, "w", encoding="utf-8") as script:
    for source in sources:
        name = os.path.splitext(os.path.basename(source))[0]
        text = open(source, encoding="utf-8").read()
        if "$casement$" in text:
            sys.exit(f"{source}: $casement$ cannot be quoted")
        script.write(f"SELECT casement.register_procedure('{name}', $casement${text}$casement$);\n")
