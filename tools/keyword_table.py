#!/usr/bin/env python3
"""Writes the lexer's hash table of keywords from keywords.def.

Usage: keyword_table.py keywords.def OUTPUT
The hash must agree with keyword_find() in engine/syntax/lexer.c: of the length and four bytes of the
word, folded to the table's size, then the next free slot.
"""
import re
import sys

SLOTS = 2048


def keyword_hash(word):
    size = len(word)
    value = size
    for byte in (word[0], word[min(1, size - 1)], word[size // 2], word[size - 1]):
        value = (value * 37 + (ord(byte) & 0xDF)) & 0xFFFFFFFF
    return (value ^ (value >> 11)) & (SLOTS - 1)


def main():
    source, output = sys.argv[1:3]
    with open(source) as handle:
        words = re.findall(r'^(?:RESERVED|CONTEXTUAL)\((\w+)\)', handle.read(), re.M)
    if len(set(words)) != len(words):
        sys.exit('keywords.def lists a word twice')
    slots = {}
    for word in words:
        slot = keyword_hash(word)
        while slot in slots:
            slot = (slot + 1) % SLOTS
        slots[slot] = word
    with open(output, 'w') as handle:
        handle.write('/* Generated from keywords.def by tools/keyword_table.py. */\n')
        handle.write(f'#define KEYWORD_SLOTS {SLOTS}\n')
        handle.write(f'#define KEYWORD_LONGEST {max(map(len, words))}\n')
        handle.write('static const uint16_t keyword_slots[KEYWORD_SLOTS] = {\n')
        for slot, word in sorted(slots.items()):
            handle.write(f'    [{slot}] = KW_{word},\n')
        handle.write('};\nstatic const KeywordName keyword_names[] = {\n')
        for word in words:
            handle.write(f'    [KW_{word}] = {{"{word}", {len(word)}}},\n')
        handle.write('};\n')


main()
