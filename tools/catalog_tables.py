#!/usr/bin/env python3
"""Makes the CREATE TABLEs of the catalogue from engine/catalog/tables.def."""
import re
import sys

source, target = sys.argv[1:3]
tables, indexes = {}, []
for line in open(source, encoding="utf-8"):
    entry = re.match(r'DEF_(TABLE|COLUMN|INDEX)\((.*)\)$', line.strip())
    if not entry:
        continue
    kind, rest = entry.groups()
    if kind == "TABLE":
        tables[rest] = []
        continue
    fields = [field.strip() for field in rest.split(",", 3)]
    text = fields[3].strip('"')
    if kind == "COLUMN":
        collate = ' COLLATE "C"' if fields[2] == "text" else ""
        tables[fields[0]].append(f'    "{fields[1]}" {fields[2]}{collate} {text}'.rstrip())
    else:
        columns = ", ".join(f'"{name.strip()}"' for name in text.split(","))
        indexes.append(f"CREATE {fields[2]} INDEX {fields[1]} ON casement.{fields[0]} ({columns});")

with open(target, "w", encoding="utf-8") as script:
    for table, columns in tables.items():
        script.write(f"CREATE TABLE casement.{table} (\n" + ",\n".join(columns) + "\n);\n")
        script.write(f"SELECT pg_catalog.pg_extension_config_dump('casement.{table}', '');\n")
    script.write("\n".join(indexes) + "\n")
