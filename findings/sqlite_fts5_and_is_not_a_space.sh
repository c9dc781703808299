#!/bin/bash
# Finding: in FTS5 `word AND "!"` finds nothing, while `word "!"` finds what `word` does.
#
# Package: sqlite3 3.40 of Debian 12.
#
# One would guess: two phrases beside each other are joined by an AND, as the documentation says, so that whoever builds a
# query out of what a user typed may join the quoted words by spaces or by AND.
#
# What happens: a phrase without a word in it (a sign, an emoji, an empty text) vanishes from a list that is joined by
# spaces, but an explicit AND with it matches no row at all. OR ignores it; NOT takes nothing away. With AND a search for
# `lunch 🍕` finds no message, not even the one that says so; with spaces it finds each that has lunch in it.
set -u
version=$(dpkg-query -W -f '${Version}' sqlite3 2>/dev/null)
case $version in
  3.40.*) echo "sqlite3 $version" ;;
  *) echo "this needs sqlite3 3.40 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

changed=0
check() { # QUERY ROWS
  seen=$(sqlite3 :memory: "
    CREATE VIRTUAL TABLE messages USING fts5(content);
    INSERT INTO messages VALUES ('lunch at noon'), ('lunch 🍕'), ('dinner');
    SELECT coalesce(group_concat(rowid, ' '), 'none') FROM messages WHERE messages MATCH '$1';" 2>&1)
  echo "$1 | $seen"
  [ "$seen" = "$2" ] || changed=1
}
check '"lunch"' '1 2'
check '"lunch" "🍕"' '1 2'
check '"lunch" AND "🍕"' none
check '"lunch" "!" "noon"' 1
check '"lunch" AND "!" AND "noon"' none
check '"lunch" OR "🍕"' '1 2'
check '"lunch" NOT "🍕"' '1 2'
check '"🍕"' none
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
