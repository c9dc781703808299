#pragma once

namespace hubbub::sqlite {

/// Returns the name of a file system layer (VFS) for `sqlite3_open_v2` that writes a commit's
/// pages into the WAL together. SQLite itself calls `pwrite` twice for each page, once for 24
/// bytes and once for the page, which is half of what a commit of many pages costs. The layer
/// stands above SQLite's default layer. Returns null, which names the default layer itself,
/// unless that is SQLite's own for Unix or differs from it only in how it opens files.
///
/// Three rules make it safe (https://www.sqlite.org/walformat.html describes frames and locks):
/// - The frame that ends a commit is written at once, with all that was gathered before it. So
///   a commit is in the file before SQLite shows it to other connections.
/// - Frames are gathered only as long as the connection has the lock of writers. What is left
///   when it gives up the lock belongs to no commit, and is dropped. So it cannot overwrite
///   what the next writer has put there.
/// - If frames cannot be written, nothing more can be until the lock is given up, whoever asked
///   for it. So no commit succeeds without them.
///
/// It gathers frames that follow each other and nothing else; a read, a sync and everything
/// else finds the file as SQLite has written it. May be called by every thread.
[[nodiscard]] const char* gathering_vfs();

} // namespace hubbub::sqlite
