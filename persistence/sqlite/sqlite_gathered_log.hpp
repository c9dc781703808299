#pragma once

namespace hubbub::sqlite {

/// Returns the name of a file system layer (VFS) for `sqlite3_open_v2` that writes a commit's
/// pages into the WAL together; null if there is no memory for it. SQLite itself calls `pwrite`
/// twice for each page, once for 24 bytes and once for the page, which is half of what a commit
/// of many pages costs. The layer stands above SQLite's default one, whatever that is.
///
/// Two rules make it safe (https://www.sqlite.org/walformat.html describes frames and locks):
/// - The frame that ends a commit is written at once, with all that was gathered before it. So
///   a commit is in the file before SQLite shows it to other connections, and a failure is the
///   failure of that write.
/// - What is left when the lock of writers is released belongs to no commit, and is dropped.
///   So it cannot overwrite what the next writer has put there.
///
/// It gathers frames that follow each other and nothing else; a read, a sync and everything
/// else finds the file as SQLite has written it. May be called by every thread.
[[nodiscard]] const char* gathering_vfs();

} // namespace hubbub::sqlite
