#include "tests/persistence/sqlite/fault_vfs.hpp"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <new>

namespace hubbub::test {

namespace {

struct plan {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::array<std::int64_t, 4> counts{};
  file_call failing = file_call::read;
  std::int64_t countdown = 0; ///< 0: nothing fails
  int code = SQLITE_OK;
  bool lasting = false;
  bool failed = false;
};

// SQLite's callbacks are also called for files, from which the VFS cannot be reached.
plan the_plan;

int next(file_call call) {
  ++the_plan.counts[static_cast<std::size_t>(call)];
  if (call != the_plan.failing || the_plan.countdown == 0) return SQLITE_OK;
  if (the_plan.countdown > 1) {
    --the_plan.countdown;
    return SQLITE_OK;
  }
  if (!the_plan.lasting) the_plan.countdown = 0;
  the_plan.failed = true;
  errno = EIO;
  return the_plan.code;
}

/// The header of a file; the system's own file follows it in the same memory.
struct fault_file {
  sqlite3_file base{};
};

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<fault_file*>(file) + 1);
}
const sqlite3_io_methods& methods_of(sqlite3_file* file) {
  return *real(file)->pMethods;
}

int close_file(sqlite3_file* file) {
  return methods_of(file).xClose(real(file));
}
int read_file(sqlite3_file* file, void* bytes, int amount, sqlite3_int64 offset) {
  if (const int code = next(file_call::read); code != SQLITE_OK) return code;
  return methods_of(file).xRead(real(file), bytes, amount, offset);
}
int write_file(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
  if (const int code = next(file_call::write); code != SQLITE_OK) {
    // Writes half, as a disk does that becomes full in the middle of a page.
    if (amount > 1) methods_of(file).xWrite(real(file), bytes, amount / 2, offset);
    return code;
  }
  return methods_of(file).xWrite(real(file), bytes, amount, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = next(file_call::write); code != SQLITE_OK) return code;
  return methods_of(file).xTruncate(real(file), size);
}
int sync_file(sqlite3_file*, int) {
  return next(file_call::sync);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return methods_of(file).xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return methods_of(file).xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return methods_of(file).xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return methods_of(file).xCheckReservedLock(real(file), held);
}
int control_file(sqlite3_file* file, int what, void* argument) {
  return methods_of(file).xFileControl(real(file), what, argument);
}
int sector_size(sqlite3_file* file) {
  return methods_of(file).xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  return methods_of(file).xDeviceCharacteristics(real(file));
}
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  if (const int code = next(file_call::map); code != SQLITE_OK) return code;
  return methods_of(file).xShmMap(real(file), region, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int amount, int flags) {
  return methods_of(file).xShmLock(real(file), offset, amount, flags);
}
void barrier_shared(sqlite3_file* file) {
  methods_of(file).xShmBarrier(real(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return methods_of(file).xShmUnmap(real(file), remove);
}

constexpr sqlite3_io_methods fault_methods{2,
                                           close_file,
                                           read_file,
                                           write_file,
                                           truncate_file,
                                           sync_file,
                                           file_size,
                                           lock_file,
                                           unlock_file,
                                           check_lock,
                                           control_file,
                                           sector_size,
                                           characteristics,
                                           map_shared,
                                           lock_shared,
                                           barrier_shared,
                                           unmap_shared,
                                           nullptr,
                                           nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* result) {
  auto* made = new (file) fault_file;
  const int code = the_plan.real->xOpen(the_plan.real, name, real(file), flags, result);
  // Without methods SQLite does not close it.
  if (real(file)->pMethods) made->base.pMethods = &fault_methods;
  return code;
}

} // namespace

fault_vfs::fault_vfs() {
  the_plan = {};
  the_plan.real = sqlite3_vfs_find(nullptr);
  // Everything else is the system's own: its functions use pAppData, which is copied with them.
  the_plan.vfs = *the_plan.real;
  the_plan.vfs.zName = "fault";
  the_plan.vfs.szOsFile += static_cast<int>(sizeof(fault_file));
  the_plan.vfs.xOpen = open_file;
  sqlite3_vfs_register(&the_plan.vfs, 1);
}

fault_vfs::~fault_vfs() {
  sqlite3_vfs_unregister(&the_plan.vfs);
  sqlite3_vfs_register(the_plan.real, 1);
}

void fault_vfs::fail(file_call call, std::int64_t nth, int code, bool lasting) {
  the_plan.failing = call;
  the_plan.countdown = nth;
  the_plan.code = code;
  the_plan.lasting = lasting;
  the_plan.failed = false;
}

void fault_vfs::heal() {
  the_plan.countdown = 0;
}

bool fault_vfs::failed() const {
  return the_plan.failed;
}

std::int64_t fault_vfs::count(file_call call) const {
  return the_plan.counts[static_cast<std::size_t>(call)];
}

} // namespace hubbub::test
