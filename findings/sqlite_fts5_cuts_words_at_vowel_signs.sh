#!/bin/bash
# Finding: SQLite's FTS5 cuts the words of Indic scripts at their vowel signs, and so finds the wrong ones.
#
# Package: SQLite 3.40.1 of Debian 12 (libsqlite3-0), by way of its Python 3.
#
# One would guess: the default tokenizer, unicode61, "by the rules in Unicode", keeps a word of Hindi whole as it keeps
# one of English, and a search for दिन (day) finds the rows with दिन.
#
# What happens: only letters, numbers and private-use characters (categories L*, N*, Co) are part of a word. Vowel signs
# are marks (Mc and Mn) and end it, so दिन becomes the words द and न, and so do दान (gift) and दून (valley): a search for
# one of the three finds them all. With `categories 'L* N* Co M*'` words stay whole.
set -u
exec /usr/bin/python3 -B - <<'PYTHON'
import sqlite3
import sys

if sqlite3.sqlite_version != "3.40.1":
    print(f"this needs SQLite 3.40.1 of Debian 12, found {sqlite3.sqlite_version}")
    sys.exit(2)
print("SQLite", sqlite3.sqlite_version)

ROWS = ["दिन", "दान", "दून"]  # day, gift, valley: their vowel signs are Mc, Mc and Mn


def found(options):
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(content, tokenize="{options}")')
    db.executemany("INSERT INTO t VALUES (?)", [(row,) for row in ROWS])
    db.execute("CREATE VIRTUAL TABLE words USING fts5vocab(t, row)")
    words = sorted(word for (word,) in db.execute("SELECT term FROM words"))
    rows = [row for (row,) in db.execute("SELECT content FROM t WHERE t MATCH ? ORDER BY rowid", ('"दिन"',))]
    return words, rows


by_default = found("unicode61")
with_marks = found("unicode61 categories 'L* N* Co M*'")
print("words by default:", *by_default[0], "| a search for दिन finds:", *by_default[1])
print("words with M*:   ", *with_marks[0], "| a search for दिन finds:", *with_marks[1])
same = by_default[1] == ROWS and with_marks[1] == ["दिन"]
print("as described" if same else "the behaviour has changed")
sys.exit(0 if same else 1)
PYTHON
