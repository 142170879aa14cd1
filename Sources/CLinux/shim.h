// Linux calls that the Glibc module map leaves out.
//
// _GNU_SOURCE is not defined here: it changes types of headers that the Glibc module has already built without it.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <errno.h>


extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

static inline int procession_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    return accept4(fd, address, length, flags);
}

// The event constants have an enumeration type in C that mixes badly with the unsigned field they go into.
static const unsigned int procession_epoll_in = EPOLLIN;
static const unsigned int procession_epoll_out = EPOLLOUT;
static const unsigned int procession_epoll_error = EPOLLERR;
static const unsigned int procession_epoll_hang_up = EPOLLHUP;
static const unsigned int procession_epoll_read_hang_up = EPOLLRDHUP;
static const unsigned int procession_epoll_edge = 1u << 31;

static inline int procession_epoll_add(int epoll, int fd, unsigned int events, unsigned long long data) {
    struct epoll_event event;
    event.events = events;
    event.data.u64 = data;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int procession_epoll_remove(int epoll, int fd) {
    struct epoll_event event = {0};
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
}

#include <pthread.h>
extern int pthread_setname_np(pthread_t thread, const char *name);

// The name shows in top -H and gdb; the kernel keeps 15 bytes of it.
static inline void procession_name_thread(const char *name) {
    (void)pthread_setname_np(pthread_self(), name);
}

#include <malloc.h>

static inline void procession_return_free_memory(void) {
    // A set threshold is not raised any more by what is freed, as it is otherwise: up to 32 MiB.
    (void)mallopt(M_MMAP_THRESHOLD, 4194304);
    (void)mallopt(M_TRIM_THRESHOLD, 8388608);
    (void)mallopt(M_ARENA_MAX, 4);
}
