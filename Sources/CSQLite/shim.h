// SQLite's C API, plus what Swift cannot spell: variadic functions, function-pointer casts, a call that Glibc leaves out.
#pragma once
#include <sqlite3.h>
#include <errno.h>
#include <unistd.h>

// https://sqlite.org/c3ref/c_static.html: the bytes are copied before bind returns.
static inline sqlite3_destructor_type procession_sqlite_transient(void) { return SQLITE_TRANSIENT; }
// The caller keeps the bytes alive and unchanged until the statement is reset.
static inline sqlite3_destructor_type procession_sqlite_static(void) { return SQLITE_STATIC; }

// https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfignockptonclose: the WAL stays when the connection is
// closed, also the last one.
static inline void procession_sqlite_keep_log(sqlite3 *database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// https://sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigmemstatus: without statistics of memory, no
// mutex is taken at every allocation. Has no effect, and does no harm, once SQLite is in use.
static inline void procession_sqlite_drop_memory_statistics(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// https://sqlite.org/c3ref/c_config_covering_index_scan.html#sqliteconfigpcache2: the page cache all connections use.
static inline int procession_sqlite_get_page_cache(sqlite3_pcache_methods2 *methods) {
    return sqlite3_config(SQLITE_CONFIG_GETPCACHE2, methods);
}
static inline int procession_sqlite_set_page_cache(sqlite3_pcache_methods2 *methods) {
    return sqlite3_config(SQLITE_CONFIG_PCACHE2, methods);
}

// _GNU_SOURCE is not defined here: it changes types of headers that the Glibc module has already built without it.
extern int renameat2(int old_folder, const char *old_name, int new_folder, const char *new_name, unsigned int flags);

// In one call that replaces nothing (RENAME_NOREPLACE), so that a file never has two names; with two where the file
// system has no such call.
static inline int procession_rename_to_new(const char *name, const char *new_name) {
    if (renameat2(-100 /* AT_FDCWD */, name, -100, new_name, 1) == 0) { return 0; }
    if (errno != EINVAL && errno != ENOSYS) { return -1; }
    if (link(name, new_name) != 0) { return -1; }
    return unlink(name);
}
