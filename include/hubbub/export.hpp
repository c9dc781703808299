#pragma once

/// Marks what the library exports: everything else in it is hidden.
#if defined(__GNUC__)
#define HUBBUB_EXPORT __attribute__((visibility("default")))
#else
#define HUBBUB_EXPORT
#endif
