# Everything from Debian 12's own packages; README.md says why each is there.
find_package(SQLite3 REQUIRED)
