#!/bin/bash
# Finding: the Unix file layer of SQLite 3.40 says that the disk is full if it is to write 128 KiB at once.
#
# Package: SQLite 3.40.1 of Debian 12 (libsqlite3-dev), and gcc.
#
# One would guess: xWrite of a file that xOpen of sqlite3_vfs_find(NULL) has opened writes as many bytes as it is told
# to. sqlite3_io_methods.xWrite names no limit.
#
# What happens: 128 KiB and more always fail with SQLITE_FULL, "database or disk is full". The number of bytes is taken
# modulo 128 KiB before each call of the system, so that first what is above a multiple of 128 KiB is written, and then
# nothing, which counts as a full disk. SQLite itself never writes more than a page of 64 KiB; a file layer that stands
# above this one and gathers writes may.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/probe.c" <<'C'
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int code_of_write(const char* path, int amount) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(NULL);
  sqlite3_file* file = calloc(1, (size_t)vfs->szOsFile);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
  if (vfs->xOpen(vfs, path, file, flags, &flags) != SQLITE_OK) return -1;
  char* bytes = calloc(1, (size_t)amount);
  int code = file->pMethods->xWrite(file, bytes, amount, 0);
  file->pMethods->xClose(file);
  free(bytes);
  free(file);
  return code;
}

int main(int count, char** arguments) {
  static const int amounts[] = {65536, 131071, 131072, 131073, 196608, 262144};
  static const int expected[] = {SQLITE_OK,   SQLITE_OK,   SQLITE_FULL,
                                 SQLITE_FULL, SQLITE_FULL, SQLITE_FULL};
  if (count != 2) return 2;
  printf("SQLite %s\n", sqlite3_libversion());
  if (strcmp(sqlite3_libversion(), "3.40.1") != 0) {
    puts("this needs SQLite 3.40.1 of Debian 12");
    return 2;
  }
  sqlite3_initialize();
  int changed = 0;
  for (size_t i = 0; i < sizeof amounts / sizeof *amounts; ++i) {
    int code = code_of_write(arguments[1], amounts[i]);
    printf("a write of %6d bytes: %s\n", amounts[i], sqlite3_errstr(code));
    changed |= code != expected[i];
  }
  puts(changed ? "the behaviour has changed" : "as described");
  return changed;
}
C
if ! gcc -o "$folder/probe" "$folder/probe.c" -lsqlite3; then
  echo "this needs gcc and libsqlite3-dev of Debian 12"
  exit 2
fi
"$folder/probe" "$folder/file"
