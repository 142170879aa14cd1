// SQLite's C API, plus what Swift cannot spell: variadic functions and function-pointer casts.
#pragma once
#include <sqlite3.h>

// https://sqlite.org/c3ref/c_static.html: the bytes are copied before bind returns.
static inline sqlite3_destructor_type procession_sqlite_transient(void) { return SQLITE_TRANSIENT; }
// The caller keeps the bytes alive and unchanged until the statement is reset.
static inline sqlite3_destructor_type procession_sqlite_static(void) { return SQLITE_STATIC; }
