/* Counts the durable operations of one process below one folder, and makes one of them go wrong.
 *
 * Loaded with LD_PRELOAD, beneath Python: what SQLite writes counts as well. An operation is
 * labelled by what it does and to which kind of file, such as "fsync parameters/" or
 * "write coordinator.sqlite-wal"; digests and temporary names become "*". Which operation goes
 * wrong, and how, stands in a small file that the test maps as well and may change at any time.
 *
 *   FAULTS_FOLDER   the folder whose operations count, as an absolute real path
 *   FAULTS_CONTROL  a file of sizeof(struct control) bytes
 *   FAULTS_TRACE    a file that gets one line per operation: label, path, earlier path of a rename,
 *                   offset, and count of bytes, with tabs between them
 *   FAULTS_DATA     optional: a file that gets the bytes of all writes, one after the other
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LABEL_BYTES 104

enum action { KILL_BEFORE = 1, KILL_MIDWAY = 2, KILL_AFTER = 3, FAIL = 4 };

/* The same layout as struct.Struct in injection.py. */
struct control {
    atomic_ulong matched; /* operations since it was armed that have the label */
    atomic_ulong at;      /* which of them goes wrong, from 1; 0 is unarmed */
    atomic_ulong fired;   /* how many went wrong */
    uint32_t action;
    uint32_t error;       /* errno of FAIL */
    uint32_t is_lasting;  /* FAIL: all later ones go wrong too, but those that free space */
    uint32_t unused;
    char label[LABEL_BYTES]; /* empty: every operation counts */
};

/* What an operation does to a file, besides its path. */
struct operation {
    const char *name;
    const char *source; /* of a rename */
    off64_t offset;     /* of a write; the new size of a truncation */
    const void *data;   /* of a write */
    size_t size;
};

/* What to do about one operation. */
struct verdict {
    enum action action; /* 0: nothing */
    int error;
    int is_torn; /* the write that finds the disk full still writes a part */
};

static struct control *control;
static char folder[PATH_MAX];
static size_t folder_length;
static int trace = -1, data = -1;
static pthread_mutex_t recording = PTHREAD_MUTEX_INITIALIZER;

static int record_file(const char *variable) {
    const char *path = getenv(variable);
    if (path == NULL) return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                        0600);
}

__attribute__((constructor)) static void begin(void) {
    const char *wanted = getenv("FAULTS_FOLDER"), *shared = getenv("FAULTS_CONTROL");
    if (wanted == NULL || shared == NULL) return;
    folder_length = (size_t)snprintf(folder, sizeof folder, "%s", wanted);
    int file = (int)syscall(SYS_openat, AT_FDCWD, shared, O_RDWR | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || mapped == MAP_FAILED) abort();
    trace = record_file("FAULTS_TRACE");
    data = record_file("FAULTS_DATA");
    control = mapped;
}

static int is_temporary(const char *name) {
    return strspn(name, "0123456789abcdef") >= 16 || name[0] == '#' ||
           strncmp(name, "tmp", 3) == 0;
}

/* Say what kind of file a path below the folder is: "parameters/", "arriving/", "parameters" and
 * an asterisk for its files, and the names of the files that always have the same one. */
static void kind_of(const char *below, int is_folder, char *kind, size_t size) {
    const char *slash = strrchr(below, '/');
    const char *name = slash == NULL ? below : slash + 1;
    int parent = slash == NULL ? 0 : (int)(slash - below) + 1;
    const char *suffix = strrchr(name, '.');
    if (suffix == NULL || is_temporary(suffix + 1)) suffix = "";
    if (is_folder)
        snprintf(kind, size, "%s/", below);
    else if (parent == 0 && !is_temporary(name))
        snprintf(kind, size, "%s", name);
    else
        snprintf(kind, size, "%.*s*%s", parent, below, suffix);
}

static void record(const struct operation *done, const char *label, const char *below) {
    char line[3 * PATH_MAX];
    const char *source = done->source == NULL ? "" : done->source;
    int length = snprintf(line, sizeof line, "%s\t%s\t%s\t%ld\t%zu\n", label, below, source,
                          (long)done->offset, done->size);
    pthread_mutex_lock(&recording);
    if (trace >= 0 && syscall(SYS_write, trace, line, (size_t)length) != length) abort();
    if (data >= 0 && done->size > 0)
        if (done->data == NULL ||
            syscall(SYS_write, data, done->data, done->size) != (long)done->size)
            abort();
    pthread_mutex_unlock(&recording);
}

static struct verdict judge(const struct operation *done, const char *path, int is_folder) {
    struct verdict nothing = {0, 0, 0};
    if (control == NULL || strncmp(path, folder, folder_length) != 0) return nothing;
    const char *below = path + folder_length;
    if (*below != '/' && *below != '\0') return nothing;
    char kind[PATH_MAX], label[PATH_MAX + 32];
    kind_of(*below == '/' ? below + 1 : below, is_folder, kind, sizeof kind);
    snprintf(label, sizeof label, "%s %s", done->name, kind);
    record(done, label, below);
    if (control->label[0] != '\0' && strncmp(control->label, label, LABEL_BYTES) != 0)
        return nothing;
    unsigned long at = atomic_load(&control->at);
    unsigned long matched = atomic_fetch_add(&control->matched, 1) + 1;
    int frees = strcmp(done->name, "unlink") == 0 || strcmp(done->name, "truncate") == 0;
    int is_meant = matched == at || (control->is_lasting && matched > at && !frees);
    if (at == 0 || !is_meant) return nothing;
    atomic_fetch_add(&control->fired, 1);
    struct verdict meant = {control->action, (int)control->error,
                            control->is_lasting && matched == at};
    return meant;
}

static struct verdict judge_file(struct operation done, int file) {
    char link[64], path[PATH_MAX];
    struct verdict nothing = {0, 0, 0};
    struct stat about;
    if (control == NULL) return nothing;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || path[0] != '/' || fstat(file, &about) != 0) return nothing;
    path[length] = '\0';
    char *deleted = strstr(path, " (deleted)");
    if (deleted != NULL) *deleted = '\0';
    if (strcmp(done.name, "write") == 0 && done.offset < 0)
        done.offset = fcntl(file, F_GETFL) & O_APPEND ? about.st_size : lseek64(file, 0, SEEK_CUR);
    return judge(&done, path, S_ISDIR(about.st_mode));
}

static struct verdict judge_path(struct operation done, int at, const char *path) {
    char whole[2 * PATH_MAX], link[64], base[PATH_MAX];
    if (path[0] == '/') return judge(&done, path, 0);
    if (at == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, base, sizeof base - 1);
    base[length < 0 ? 0 : length] = '\0';
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    return judge(&done, whole, 0);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define PLAIN(name) ((struct operation){(name), NULL, 0, NULL, 0})
#define NAMED_BEFORE(name, from) ((struct operation){(name), (from), 0, NULL, 0})
#define RESIZED(size) ((struct operation){"truncate", NULL, (size), NULL, 0})
#define WRITTEN(offset, bytes, size) ((struct operation){"write", NULL, (offset), (bytes), (size)})
#define WHERE_IT_IS (-1) /* the offset of a write that follows the one before */

/* Do an operation that is done as a whole or not at all, unless it is to go wrong. */
#define WHOLE(judged, call)                                                                       \
    do {                                                                                          \
        int kept = errno;                                                                         \
        struct verdict verdict = (judged);                                                        \
        if (verdict.action == KILL_BEFORE || verdict.action == KILL_MIDWAY) die();                \
        if (verdict.action == FAIL) {                                                             \
            errno = verdict.error;                                                                \
            return -1;                                                                            \
        }                                                                                         \
        errno = kept;                                                                             \
        __typeof__(call) result = (call);                                                         \
        if (verdict.action == KILL_AFTER) die();                                                  \
        return result;                                                                            \
    } while (0)

/* Do a write, or a part of it, which `part` does with `half` bytes. */
#define TEARABLE(judged, size, call, part)                                                        \
    do {                                                                                          \
        int kept = errno;                                                                         \
        struct verdict verdict = (judged);                                                        \
        size_t half = (size) / 2;                                                                 \
        if (verdict.action == KILL_BEFORE) die();                                                 \
        if (verdict.action == KILL_MIDWAY) {                                                      \
            if (half > 0 && (part) < 0) abort();                                                  \
            die();                                                                                \
        }                                                                                         \
        if (verdict.action == FAIL && verdict.is_torn && half > 0) return (part);                 \
        if (verdict.action == FAIL) {                                                             \
            errno = verdict.error;                                                                \
            return -1;                                                                            \
        }                                                                                         \
        errno = kept;                                                                             \
        ssize_t result = (call);                                                                  \
        if (verdict.action == KILL_AFTER) die();                                                  \
        return result;                                                                            \
    } while (0)

/* The C library's own function under the name of the one that is being defined. */
#define REAL(type, name, ...)                                                                     \
    static type (*real)(__VA_ARGS__);                                                             \
    if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    TEARABLE(judge_file(WRITTEN(WHERE_IT_IS, bytes, size), file), size, real(file, bytes, size),
             real(file, bytes, half));
}

#define DEFINE_PWRITE(name, offset_type)                                                          \
    ssize_t name(int file, const void *bytes, size_t size, offset_type offset) {                  \
        REAL(ssize_t, name, int, const void *, size_t, offset_type);                              \
        TEARABLE(judge_file(WRITTEN((off64_t)offset, bytes, size), file), size,                   \
                 real(file, bytes, size, offset), real(file, bytes, half, offset));               \
    }
DEFINE_PWRITE(pwrite, off_t)
DEFINE_PWRITE(pwrite64, off64_t)

/* Vectors are not torn: half of one is none. */
ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    WHOLE(judge_file(WRITTEN(WHERE_IT_IS, NULL, 1), file), real(file, parts, count));
}

#define DEFINE_PWRITEV(name, offset_type)                                                         \
    ssize_t name(int file, const struct iovec *parts, int count, offset_type offset) {            \
        REAL(ssize_t, name, int, const struct iovec *, int, offset_type);                         \
        WHOLE(judge_file(WRITTEN((off64_t)offset, NULL, 1), file),                                \
              real(file, parts, count, offset));                                                  \
    }
DEFINE_PWRITEV(pwritev, off_t)
DEFINE_PWRITEV(pwritev64, off64_t)

#define DEFINE_COPY(name)                                                                         \
    ssize_t name(int from, off64_t *start, int to, off64_t *end, size_t size, unsigned flags) {   \
        REAL(ssize_t, name, int, off64_t *, int, off64_t *, size_t, unsigned);                    \
        TEARABLE(judge_file(WRITTEN(WHERE_IT_IS, NULL, size), to), size,                          \
                 real(from, start, to, end, size, flags),                                         \
                 real(from, start, to, end, half, flags));                                        \
    }
DEFINE_COPY(copy_file_range)

#define DEFINE_SENDFILE(name, offset_type)                                                        \
    ssize_t name(int to, int from, offset_type *start, size_t size) {                             \
        REAL(ssize_t, name, int, int, offset_type *, size_t);                                     \
        TEARABLE(judge_file(WRITTEN(WHERE_IT_IS, NULL, size), to), size,                          \
                 real(to, from, start, size), real(to, from, start, half));                       \
    }
DEFINE_SENDFILE(sendfile, off_t)
DEFINE_SENDFILE(sendfile64, off64_t)

#define DEFINE_SYNC(name)                                                                         \
    int name(int file) {                                                                          \
        REAL(int, name, int);                                                                     \
        WHOLE(judge_file(PLAIN("fsync"), file), real(file));                                      \
    }
DEFINE_SYNC(fsync)
DEFINE_SYNC(fdatasync)

#define DEFINE_FTRUNCATE(name, size_type)                                                         \
    int name(int file, size_type size) {                                                          \
        REAL(int, name, int, size_type);                                                          \
        WHOLE(judge_file(RESIZED((off64_t)size), file), real(file, size));                        \
    }
DEFINE_FTRUNCATE(ftruncate, off_t)
DEFINE_FTRUNCATE(ftruncate64, off64_t)

#define DEFINE_ALLOCATE(name, offset_type)                                                        \
    int name(int file, int mode, offset_type offset, offset_type size) {                          \
        REAL(int, name, int, int, offset_type, offset_type);                                      \
        WHOLE(judge_file(PLAIN("allocate"), file), real(file, mode, offset, size));               \
    }
DEFINE_ALLOCATE(fallocate, off_t)
DEFINE_ALLOCATE(fallocate64, off64_t)

/* Labelled by what the file is called from then on. */
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    WHOLE(judge_path(NAMED_BEFORE("rename", from), AT_FDCWD, to), real(from, to));
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    WHOLE(judge_path(NAMED_BEFORE("rename", from), to_at, to), real(from_at, from, to_at, to));
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    WHOLE(judge_path(NAMED_BEFORE("link", from), AT_FDCWD, to), real(from, to));
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    WHOLE(judge_path(NAMED_BEFORE("link", from), to_at, to), real(from_at, from, to_at, to, flags));
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    WHOLE(judge_path(PLAIN("unlink"), AT_FDCWD, path), real(path));
}

int unlinkat(int at, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    WHOLE(judge_path(PLAIN("unlink"), at, path), real(at, path, flags));
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    WHOLE(judge_path(PLAIN("mkdir"), AT_FDCWD, path), real(path, mode));
}

int rmdir(const char *path) {
    REAL(int, rmdir, const char *);
    WHOLE(judge_path(PLAIN("rmdir"), AT_FDCWD, path), real(path));
}

/* Opening counts where it makes or empties a file. */
static const char *opened_for(int at, const char *path, int flags) {
    if ((flags & O_TMPFILE) == O_TMPFILE) return "create";
    if ((flags & O_CREAT) && syscall(SYS_faccessat, at, path, F_OK) != 0) return "create";
    return flags & O_TRUNC ? "truncate" : NULL;
}

static int opened(int at, const char *path, int flags, mode_t mode) {
    static int (*real)(int, const char *, int, ...);
    if (real == NULL) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    const char *operation = control == NULL ? NULL : opened_for(at, path, flags);
    if (operation == NULL) return real(at, path, flags, mode);
    WHOLE(judge_path(PLAIN(operation), at, path), real(at, path, flags, mode));
}

/* The mode is only there if it is needed; reading it in vain does no harm in this ABI. */
#define DEFINE_OPEN(name)                                                                         \
    int name(const char *path, int flags, ...) {                                                  \
        va_list rest;                                                                             \
        va_start(rest, flags);                                                                    \
        mode_t mode = va_arg(rest, mode_t);                                                       \
        va_end(rest);                                                                             \
        return opened(AT_FDCWD, path, flags, mode);                                               \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                                                       \
    int name(int at, const char *path, int flags, ...) {                                          \
        va_list rest;                                                                             \
        va_start(rest, flags);                                                                    \
        mode_t mode = va_arg(rest, mode_t);                                                       \
        va_end(rest);                                                                             \
        return opened(at, path, flags, mode);                                                     \
    }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
