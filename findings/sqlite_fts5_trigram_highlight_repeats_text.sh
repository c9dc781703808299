#!/bin/bash
# Finding: with the trigram tokenizer, FTS5's highlight() and snippet() repeat parts of the text if two matches overlap.
#
# Package: SQLite 3.40.1 of Debian 12 (libsqlite3-0), by way of its Python 3.
#
# One would guess: highlight() returns the text with marks around the matches. Without the marks it is the text again,
# and overlapping matches share one pair of marks, as they do with the default tokenizer.
#
# What happens: the tokens of the trigram tokenizer overlap. Where the second match begins inside the first, the text
# from the end of the first match on is written twice, once without and once with its marks; that takes a query of two
# words ("brow OR own") or one word that overlaps itself ("abcab" in "abcabcabc"). The default tokenizer is right.
set -u
exec /usr/bin/python3 -B - <<'PYTHON'
import sqlite3
import sys

if sqlite3.sqlite_version != "3.40.1":
    print(f"this needs SQLite 3.40.1 of Debian 12, found {sqlite3.sqlite_version}")
    sys.exit(2)
print("SQLite", sqlite3.sqlite_version)


def marked(tokenizer, text, query, function):
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE t USING fts5(text, tokenize={tokenizer})")
    db.execute("INSERT INTO t VALUES (?)", (text,))
    return db.execute(f"SELECT {function} FROM t WHERE t MATCH ?", (query,)).fetchone()[0]


HIGHLIGHT = "highlight(t, 0, '[', ']')"
SNIPPET = "snippet(t, 0, '[', ']', '…', 30)"
EXPECTED = [
    ("unicode61", "the quick brown fox", '"quick brown" OR "brown fox"', HIGHLIGHT, "the [quick brown fox]"),
    ("trigram", "the quick brown fox", "brow OR fox", HIGHLIGHT, "the quick [brow]n [fox]"),
    ("trigram", "the quick brown fox", "brow OR own", HIGHLIGHT, "the quick [brow]n fox[own] fox"),
    ("trigram", "the quick brown fox", "brow OR own", SNIPPET, "the quick [brow]n fox[own] fox"),
    ("trigram", "abcabcabc", "abcab", HIGHLIGHT, "[abcab]cabc[abcab]c"),
]
changed = False
for tokenizer, text, query, function, expected in EXPECTED:
    seen = marked(tokenizer, text, query, function)
    changed = changed or seen != expected
    mark = "" if seen == expected else f"   (was: {expected})"
    print(f"{tokenizer:9} | {text} | {query} | {function.split('(')[0]}: {seen}{mark}")
print("the behaviour has changed" if changed else "as described")
sys.exit(1 if changed else 0)
PYTHON
