#include "persistence/sqlite/sqlite_gathered_log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace hubbub::sqlite {

namespace {

// SQLite's layer for Unix takes less than 128 KiB at once
// (findings/sqlite_340_a_write_of_128_kib_fails.sh).
constexpr std::size_t most_gathered = std::size_t{128} * 1024 - 1;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t smallest_page = 512;
constexpr int lock_of_writers = 0; // WAL_WRITE_LOCK

/// The frames of a transaction that SQLite has written and the file does not have yet.
class gathered_frames {
 public:
  gathered_frames(sqlite3_file* file, const sqlite3_io_methods* methods)
      : file_(file), methods_(methods) {}

  /// Notes that this connection has taken the lock of writers, and that it gives it up; what is
  /// left then belongs to no commit. Without the lock, as in exclusive mode, nothing is
  /// gathered.
  void begin() { is_locked_ = true; }
  void end() {
    is_locked_ = false;
    failure_ = SQLITE_OK;
    expected_ = part::header;
    end_ -= static_cast<sqlite3_int64>(std::exchange(size_, 0));
  }

  /// Takes or writes what SQLite writes, and returns SQLite's code.
  int write(std::span<const std::byte> bytes, sqlite3_int64 offset) {
    if (failure_ != SQLITE_OK) return failure_;
    const bool follows = is_locked_ && offset == end_ && is_next_part(bytes) && has_memory();
    if (!follows || size_ + bytes.size() > most_gathered) {
      if (const int code = flush(); code != SQLITE_OK) return code;
    }
    end_ = offset + static_cast<sqlite3_int64>(bytes.size());
    if (!follows) {
      expected_ = part::header;
      return methods_->xWrite(file_, bytes.data(), static_cast<int>(bytes.size()), offset);
    }
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    if (expected_ == part::header) {
      is_commit_ = ends_commit(bytes);
      expected_ = part::page;
      return SQLITE_OK;
    }
    expected_ = part::header;
    return is_commit_ ? flush() : SQLITE_OK;
  }

  /// Writes what was gathered. If that fails, it is lost: from then on this returns why, and
  /// nothing can be written, until the transaction is over. SQLite may otherwise go on with a
  /// transaction after a read has failed.
  int flush() {
    if (size_ == 0) return failure_;
    const auto size = std::exchange(size_, 0);
    failure_ = methods_->xWrite(file_, bytes_.get(), static_cast<int>(size),
                                end_ - static_cast<sqlite3_int64>(size));
    return failure_;
  }

 private:
  enum class part : std::uint8_t { header, page };

  /// A page that is written again in its place has no header before it.
  [[nodiscard]] bool is_next_part(std::span<const std::byte> bytes) const {
    return expected_ == part::header
               ? bytes.size() == frame_header_bytes
               : bytes.size() >= smallest_page && bytes.size() < most_gathered;
  }

  /// True for the header of a frame that says how large the database is after a commit.
  static bool ends_commit(std::span<const std::byte> header) {
    return !std::ranges::all_of(header.subspan(4, 4),
                                [](std::byte each) { return each == std::byte{}; });
  }

  bool has_memory() {
    if (!bytes_) bytes_.reset(new (std::nothrow) std::byte[most_gathered]);
    return bytes_ != nullptr;
  }

  sqlite3_file* file_;
  const sqlite3_io_methods* methods_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  sqlite3_int64 end_ = 0; ///< where the last write ended, gathered or not
  part expected_ = part::header;
  bool is_commit_ = false; ///< of the frame whose header came last
  bool is_locked_ = false; ///< this connection has the lock of writers
  int failure_ = SQLITE_OK;
};

/// Stands behind the default layer's file in the memory that SQLite has for ours. The file's
/// methods are `methods`: its own ones, but for those that are replaced.
struct file_addition {
  sqlite3_io_methods methods{};
  const sqlite3_io_methods* real = nullptr;
  std::optional<gathered_frames> frames; ///< of a WAL
  file_addition* other = nullptr;        ///< a database's WAL if it is open; a WAL's database
};

static_assert(alignof(file_addition) <= 8, "SQLite aligns the memory of a file to 8 bytes");

/// Returns the addition of a file that has one.
file_addition& addition_of(sqlite3_file* file) {
  // `methods` is its first member.
  return *reinterpret_cast<file_addition*>(const_cast<sqlite3_io_methods*>(file->pMethods));
}

int write_log(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
  return addition_of(file).frames->write(
      {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(amount)}, offset);
}

int read_log(sqlite3_file* file, void* bytes, int amount, sqlite3_int64 offset) {
  auto& log = addition_of(file);
  if (const int code = log.frames->flush(); code != SQLITE_OK) return code;
  return log.real->xRead(file, bytes, amount, offset);
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  auto& log = addition_of(file);
  if (const int code = log.frames->flush(); code != SQLITE_OK) return code;
  return log.real->xTruncate(file, size);
}

int sync_log(sqlite3_file* file, int flags) {
  auto& log = addition_of(file);
  if (const int code = log.frames->flush(); code != SQLITE_OK) return code;
  return log.real->xSync(file, flags);
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  auto& log = addition_of(file);
  if (const int code = log.frames->flush(); code != SQLITE_OK) return code;
  return log.real->xFileSize(file, size);
}

/// Ends the addition of a file, and closes the file as the default layer does.
int close_file(sqlite3_file* file) {
  auto& addition = addition_of(file);
  const auto* real = addition.real;
  if (addition.other) addition.other->other = nullptr;
  std::destroy_at(&addition);
  file->pMethods = real;
  return real->xClose(file);
}

int lock_shared(sqlite3_file* file, int lock, int count, int flags) {
  auto& database = addition_of(file);
  auto* log = lock == lock_of_writers ? database.other : nullptr;
  if (log && (flags & SQLITE_SHM_UNLOCK) != 0) log->frames->end();
  const int code = database.real->xShmLock(file, lock, count, flags);
  constexpr int locks = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
  if (log && code == SQLITE_OK && flags == locks) log->frames->begin();
  return code;
}

/// The layer above one that is, or was, SQLite's default.
struct layer {
  sqlite3_vfs vfs{}; ///< the first member, so that it can be found from there
  sqlite3_vfs* real = nullptr;
  std::string name;

  /// Where the addition stands in the memory of a file.
  [[nodiscard]] std::size_t addition_at() const {
    constexpr auto step = alignof(file_addition);
    return (static_cast<std::size_t>(real->szOsFile) + step - 1) / step * step;
  }
};

file_addition& add_to(sqlite3_file* file, const layer& self) {
  auto* place = reinterpret_cast<std::byte*>(file) + self.addition_at();
  auto* made = new (place) file_addition{};
  made->real = file->pMethods;
  made->methods = *file->pMethods;
  made->methods.xClose = close_file;
  file->pMethods = &made->methods;
  return *made;
}

void watch_locks(sqlite3_file* database, const layer& self) {
  if (database->pMethods->iVersion < 2) return; // has no locks of a WAL
  add_to(database, self).methods.xShmLock = lock_shared;
}

void gather(sqlite3_file* log, sqlite3_file* database, const layer& self) {
  const auto& methods = *database->pMethods;
  if (methods.xShmLock != lock_shared) return;
  // Without this trait SQLite writes a commit's last frame again, up to the end of a sector.
  if ((methods.xDeviceCharacteristics(database) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0)
    return;
  auto& made = add_to(log, self);
  made.frames.emplace(log, made.real);
  made.other = &addition_of(database);
  made.other->other = &made;
  made.methods.xWrite = write_log;
  made.methods.xRead = read_log;
  made.methods.xTruncate = truncate_log;
  made.methods.xSync = sync_log;
  made.methods.xFileSize = size_of_log;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* result) {
  const auto& self = *reinterpret_cast<layer*>(vfs);
  const int code = self.real->xOpen(self.real, name, file, flags, result);
  if (code != SQLITE_OK || !file->pMethods) return code;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) watch_locks(file, self);
  if ((flags & SQLITE_OPEN_WAL) != 0) gather(file, sqlite3_database_file_object(name), self);
  return code;
}

} // namespace

const char* gathering_vfs() {
  auto* real = sqlite3_vfs_find(nullptr);
  auto* own = sqlite3_vfs_find("unix");
  if (!real || !own) return nullptr;
  if (real->xOpen == open_file) return real->zName;
  // A layer with functions of its own may find its state by the pointer that it is called with.
  if (real->xDelete != own->xDelete || real->xFullPathname != own->xFullPathname)
    return nullptr;
  auto name = "hubbub over " + std::string{real->zName};
  while (auto* known = sqlite3_vfs_find(name.c_str())) {
    if (known->xOpen == open_file && reinterpret_cast<layer*>(known)->real == real)
      return known->zName;
    name += '+'; // over one of the same name that was there before
  }

  auto made = std::make_unique<layer>();
  made->real = real;
  made->name = std::move(name);
  // Everything but xOpen is SQLite's own: its functions use pAppData, which is copied with
  // them.
  made->vfs = *real;
  made->vfs.zName = made->name.c_str();
  made->vfs.szOsFile = static_cast<int>(made->addition_at() + sizeof(file_addition));
  made->vfs.xOpen = open_file;
  if (sqlite3_vfs_register(&made->vfs, 0) != SQLITE_OK) return nullptr;
  // If the default layer is taken away, the next one in SQLite's list becomes the default. That
  // must not be ours.
  if (real != own) sqlite3_vfs_register(own, 0);
  // SQLite keeps a pointer to it until the process ends. If two threads come here at once, each
  // adds a layer, which does no harm.
  return made.release()->vfs.zName;
}

} // namespace hubbub::sqlite
