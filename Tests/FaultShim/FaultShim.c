// Preloaded into a program by the tests: lets chosen calls of it fail that concern the files of a store.
//
// FAULT_PATH   the files are those whose path begins with this
// FAULT_FILE   only the file with this path; all of them without
// FAULT_CALLS  only these calls, as ",fsync,fdatasync,"; all of them without
// FAULT_FIRST  the number of the first call that fails, from 1; 0 to fail none
// FAULT_LAST   the number of the last one
// FAULT_ERROR  the errno of those that fail
// FAULT_LOG    a file that gets a line for each call that failed
// FAULT_SKIP   calls do not count while this file exists
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *prefix, *only_file, *only_calls, *log_path, *skip_path;
static long first_fault, last_fault, error_number;
static atomic_long calls;

__attribute__((constructor)) static void read_settings(void) {
    const char *text;
    prefix = getenv("FAULT_PATH");
    only_file = getenv("FAULT_FILE");
    only_calls = getenv("FAULT_CALLS");
    log_path = getenv("FAULT_LOG");
    skip_path = getenv("FAULT_SKIP");
    first_fault = (text = getenv("FAULT_FIRST")) ? atol(text) : 0;
    last_fault = (text = getenv("FAULT_LAST")) ? atol(text) : first_fault;
    error_number = (text = getenv("FAULT_ERROR")) ? atol(text) : EIO;
}

// System calls of its own, so that nothing here comes back to what is replaced below.
static void note(const char *call, const char *path, long number) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    long file = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) { return; }
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
}

static int concerns(const char *call, const char *path) {
    char name[32];
    if (!path || strncmp(path, prefix, strlen(prefix)) != 0) { return 0; }
    if (only_file && strcmp(path, only_file) != 0) { return 0; }
    snprintf(name, sizeof name, ",%s,", call);
    return !only_calls || strstr(only_calls, name);
}

static int fails(const char *call, const char *path) {
    if (!prefix || !first_fault || !concerns(call, path)) { return 0; }
    if (skip_path && syscall(SYS_faccessat, AT_FDCWD, skip_path, F_OK) == 0) { return 0; }
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number < first_fault || number > last_fault) { return 0; }
    if (log_path) { note(call, path, number); }
    errno = (int)error_number;
    return 1;
}

static int file_fails(const char *call, int file) {
    char link[64], path[PATH_MAX];
    if (!prefix || !first_fault || file < 0) { return 0; }
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0) { return 0; }
    path[length] = 0;
    return fails(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        return fails("open", path) ? -1 : REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define ON_PATH(name, parameters, arguments) \
    int name parameters { return fails(#name, path) ? -1 : REAL(name) arguments; }
ON_PATH(stat, (const char *path, struct stat *result), (path, result))
ON_PATH(lstat, (const char *path, struct stat *result), (path, result))
ON_PATH(stat64, (const char *path, struct stat64 *result), (path, result))
ON_PATH(lstat64, (const char *path, struct stat64 *result), (path, result))
ON_PATH(access, (const char *path, int mode), (path, mode))
ON_PATH(unlink, (const char *path), (path))
ON_PATH(link, (const char *path, const char *other), (path, other))
ON_PATH(renameat2, (int folder, const char *path, int other, const char *name, unsigned int flags),
        (folder, path, other, name, flags))

#define ON_FILE(type, name, parameters, arguments) \
    type name parameters { return file_fails(#name, file) ? -1 : REAL(name) arguments; }
ON_FILE(ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count))
ON_FILE(ssize_t, pread, (int file, void *bytes, size_t count, off_t offset), (file, bytes, count, offset))
ON_FILE(ssize_t, pread64, (int file, void *bytes, size_t count, off64_t offset), (file, bytes, count, offset))
ON_FILE(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
ON_FILE(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t offset), (file, bytes, count, offset))
ON_FILE(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t offset), (file, bytes, count, offset))
ON_FILE(int, fsync, (int file), (file))
ON_FILE(int, fdatasync, (int file), (file))
ON_FILE(int, ftruncate, (int file, off_t size), (file, size))
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size))
ON_FILE(int, fstat, (int file, struct stat *result), (file, result))
ON_FILE(int, fstat64, (int file, struct stat64 *result), (file, result))
ON_FILE(int, flock, (int file, int operation), (file, operation))

void *mmap(void *place, size_t length, int protection, int flags, int file, off_t offset) {
    return file_fails("mmap", file) ? MAP_FAILED : REAL(mmap)(place, length, protection, flags, file, offset);
}
