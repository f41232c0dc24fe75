/* The connections: made, read, written to, and given up. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (1u << 18)
#define LONGEST (1u << 17) /* of a line */
#define EVENTS 1024

bool input_ended;
static int epoll;
static int waiting; /* connections on their way in */
static char buffer[LONGEST + CHUNK];

uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

void wire_init(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll: %s", strerror(errno));
}

static void watch(struct conn *conn, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = conn};
    if (epoll_ctl(epoll, operation, conn->fd, &event) < 0)
        die("epoll_ctl: %s", strerror(errno));
}

void wire_watch_input(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
        die("standard input: %s", strerror(errno));
}

static void gone(struct conn *conn)
{
    if (conn->stalled)
        tally.ejected++;
    else if (!conn->leaving)
        tally.closed++;
    conn->gone = true;
    close(conn->fd);
}

static void keep(char **to, size_t *size, size_t len)
{
    if (len <= *size)
        return;
    *size = len * 2;
    *to = realloc(*to, *size);
    if (!*to)
        die("out of memory");
}

void wire_tell(struct conn *conn, const char *bytes, size_t len)
{
    ssize_t sent = 0;
    if (conn->gone)
        return;
    if (!conn->wants_out) {
        sent = send(conn->fd, bytes, len, MSG_NOSIGNAL);
        if (sent == (ssize_t)len)
            return;
        if (sent < 0 && errno != EAGAIN)
            return; /* reading will tell that it is gone */
        if (sent < 0)
            sent = 0;
        conn->wants_out = true;
        watch(conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    size_t left = len - (size_t)sent;
    keep(&conn->out, &conn->out_size, conn->out_len + left);
    memcpy(conn->out + conn->out_len, bytes + sent, left);
    conn->out_len += left;
}

static void flush(struct conn *conn)
{
    ssize_t sent = send(conn->fd, conn->out, conn->out_len, MSG_NOSIGNAL);
    if (sent < 0)
        return;
    conn->out_len -= (size_t)sent;
    memmove(conn->out, conn->out + sent, conn->out_len);
    if (conn->out_len == 0) {
        conn->wants_out = false;
        watch(conn, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void pong(struct conn *conn, const char *line, size_t len)
{
    char answer[512];
    bool json = line[0] == '{';
    const char *token = memrchr(line, json ? ':' : ' ', len);
    if (!token || len > 400)
        return;
    const char *form = json ? "{\"op\":\"pong\",\"n\":%.*s\n" : "PONG %.*s\r\n";
    int rest = (int)(line + len - token - 1);
    wire_tell(conn, answer, (size_t)snprintf(answer, sizeof answer, form, rest, token + 1));
}

static void entered(struct conn *conn)
{
    conn->in = true;
    waiting--;
}

static void handle_line(struct conn *conn, const char *line, size_t len, uint64_t now)
{
    const char *nick, *text;
    switch (options.dialect->kind(conn, line, len, &nick, &text)) {
    case DELIVERY:
        check_delivery(conn, nick, text, now);
        return;
    case ACK:
        check_ack(conn, options.dialect->acked(line, len), now);
        return;
    case PING:
        pong(conn, line, len);
        return;
    case REFUSED:
        if (tally.refused++ < 3)
            fprintf(stderr, "refused: %.*s\n", (int)(len > 300 ? 300 : len), line);
        return;
    default:
        if (!conn->in && options.dialect->greeted(conn, line, len))
            entered(conn);
    }
}

static void keep_rest(struct conn *conn, const char *from, size_t len)
{
    if (len > LONGEST)
        die("a line of more than %u bytes", LONGEST);
    keep(&conn->rest, &conn->rest_size, len);
    if (len)
        memcpy(conn->rest, from, len);
    conn->rest_len = len;
    if (len && !conn->in && options.dialect->unframed && options.dialect->greeted(conn, conn->rest, len))
        entered(conn);
}

static void read_some(struct conn *conn)
{
    if (conn->rest_len)
        memcpy(buffer, conn->rest, conn->rest_len);
    ssize_t got = recv(conn->fd, buffer + conn->rest_len, CHUNK, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        gone(conn);
        return;
    }
    if (got < 0)
        return;
    uint64_t now = clock_ns();
    tally.bytes += (uint64_t)got;
    const char *line = buffer, *end = buffer + conn->rest_len + got, *newline;
    while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
        size_t len = (size_t)(newline - line);
        handle_line(conn, line, len && line[len - 1] == '\r' ? len - 1 : len, now);
        line = newline + 1;
    }
    keep_rest(conn, line, (size_t)(end - line));
}

static void say_hello(struct conn *conn)
{
    char hello[256];
    conn->wants_out = false;
    watch(conn, EPOLL_CTL_MOD, EPOLLIN);
    size_t len = options.dialect->hello(hello, sizeof hello, conn);
    if (len)
        wire_tell(conn, hello, len);
    if (!options.dialect->awaits_welcome)
        entered(conn);
}

static void handle(struct conn *conn, uint32_t events)
{
    if (!conn) {
        char byte;
        input_ended = read(STDIN_FILENO, &byte, 1) <= 0;
        if (input_ended && epoll_ctl(epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL) < 0)
            die("standard input: %s", strerror(errno));
        return;
    }
    bool connecting = conn->wants_out && !conn->in && conn->out_len == 0;
    if (events & (EPOLLERR | EPOLLHUP) && (conn->stalled || connecting)) {
        if (connecting)
            die("connection %d was refused", conn->id);
        gone(conn);
    } else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        read_some(conn);
    else if (connecting)
        say_hello(conn);
    else if (events & EPOLLOUT)
        flush(conn);
}

bool wire_turn(uint64_t until)
{
    struct epoll_event events[EVENTS];
    uint64_t now = clock_ns(), left = until > now ? until - now : 0;
    struct timespec wait = {.tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND)};
    int count = epoll_pwait2(epoll, events, EVENTS, &wait, NULL);
    for (int i = 0; i < count; i++)
        handle(events[i].data.ptr, events[i].events);
    return count > 0;
}

static void start(struct conn *conn)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    struct linger linger = {.l_onoff = 1};
    int one = 1, small = 4096;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0)
        die("socket %d: %s", conn->id, strerror(errno));
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    if (conn->stalled)
        setsockopt(conn->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    conn->wants_out = true;
    if (connect(conn->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        die("connect %d: %s", conn->id, strerror(errno));
    watch(conn, EPOLL_CTL_ADD, EPOLLOUT);
    waiting++;
}

void wire_connect_all(void)
{
    int started = 0;
    uint64_t quiet = SECOND / 4, last = clock_ns(), patience = (uint64_t)(options.patience * (double)SECOND);
    while (started < options.clients || waiting) {
        while (started < options.clients && waiting < options.together)
            start(&conns[started++]);
        if (wire_turn(clock_ns() + quiet))
            last = clock_ns();
        if (clock_ns() - last > patience)
            die("%d of %d connections are not let in", waiting, options.clients);
        if (tally.closed || tally.refused)
            die("a connection was refused or closed on its way in");
    }
    for (last = clock_ns(); clock_ns() - last < quiet;)
        if (wire_turn(last + quiet))
            last = clock_ns();
}

void wire_stall(void)
{
    for (int i = 0; i < options.clients; i++)
        if (conns[i].stalled)
            watch(&conns[i], EPOLL_CTL_MOD, 0);
}

void wire_close_all(void)
{
    for (int i = 0; i < options.clients; i++)
        if (!conns[i].gone)
            close(conns[i].fd);
}
