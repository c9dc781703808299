#pragma once

#include <string>

namespace hubbub {

/// Creates an empty file that nobody but this user may read, whatever the umask allows others,
/// unless there is a file already. SQLite takes it for a new database, and gives the files
/// beside it the same rights. Failures are ignored here: opening the database meets and reports
/// them.
void create_for_owner(const std::string& path);

/// Gives a file the rights that others have on `model`. Failures are ignored: then the file
/// keeps its own.
void share_like(const std::string& model, const std::string& path);

} // namespace hubbub
