/* The bound of one core: what any server must pay for the kernel, and nothing else.
 *
 * bound PORT: one room of text lines on 127.0.0.1. The first line is a nickname. All
 * that has come in one round of epoll is rendered once and given to each client in
 * one send. Nothing is stored, checked or limited.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 1024
#define LINE 4096
#define WELCOME "Connected to server!\r\n"

struct client {
    int fd, place;
    size_t nick_len, rest_len, owed_len;
    char nick[32], rest[LINE];
    char *owed; /* what its socket has not taken */
};

static int epoll, listener, count, room;
static struct client **clients;
static char *batch;
static size_t batch_len, batch_size;

static void *sized(void *memory, size_t size)
{
    memory = realloc(memory, size);
    if (!memory)
        abort();
    return memory;
}

static void watch(struct client *client, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (epoll_ctl(epoll, operation, client ? client->fd : listener, &event) < 0)
        abort();
}

static void drop(struct client *client)
{
    clients[client->place] = clients[--count];
    clients[client->place]->place = client->place;
    close(client->fd);
    free(client->owed);
    free(client);
}

static void give(struct client *client, const char *bytes, size_t len)
{
    ssize_t sent = client->owed_len ? 0 : send(client->fd, bytes, len, MSG_NOSIGNAL);
    if (sent == (ssize_t)len)
        return;
    if (sent < 0)
        sent = 0;
    if (!client->owed_len)
        watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    size_t left = len - (size_t)sent;
    client->owed = sized(client->owed, client->owed_len + left);
    memcpy(client->owed + client->owed_len, bytes + sent, left);
    client->owed_len += left;
}

static void feed(struct client *client)
{
    ssize_t sent = send(client->fd, client->owed, client->owed_len, MSG_NOSIGNAL);
    if (sent <= 0)
        return;
    client->owed_len -= (size_t)sent;
    memmove(client->owed, client->owed + sent, client->owed_len);
    if (!client->owed_len)
        watch(client, EPOLL_CTL_MOD, EPOLLIN);
}

static void add(const char *bytes, size_t len)
{
    if (batch_len + len > batch_size)
        batch = sized(batch, batch_size = 2 * (batch_len + len));
    memcpy(batch + batch_len, bytes, len);
    batch_len += len;
}

static void line(struct client *client, const char *text, size_t len)
{
    if (client->nick_len == 0) {
        client->nick_len = len < sizeof client->nick ? len : sizeof client->nick;
        memcpy(client->nick, text, client->nick_len);
        give(client, WELCOME, sizeof WELCOME - 1);
        return;
    }
    add(client->nick, client->nick_len);
    add(": ", 2);
    add(text, len);
    add("\r\n", 2);
}

static void hear(struct client *client)
{
    static char buffer[LINE + (1 << 16)];
    memcpy(buffer, client->rest, client->rest_len);
    ssize_t got = recv(client->fd, buffer + client->rest_len, 1 << 16, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            drop(client);
        return;
    }
    char *from = buffer, *end = buffer + client->rest_len + got, *newline;
    while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
        size_t len = (size_t)(newline - from);
        line(client, from, len && from[len - 1] == '\r' ? len - 1 : len);
        from = newline + 1;
    }
    client->rest_len = (size_t)(end - from) < LINE ? (size_t)(end - from) : 0;
    memcpy(client->rest, from, client->rest_len);
}

static void welcome(void)
{
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct client *client = calloc(1, sizeof *client);
        if (!client)
            abort();
        if (count == room)
            clients = sized(clients, sizeof *clients * (size_t)(room = 2 * room + 64));
        client->fd = fd;
        client->place = count;
        clients[count++] = client;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(client, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void round_of_epoll(void)
{
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
        struct client *client = events[i].data.ptr;
        if (!client)
            welcome();
        else if (events[i].events & EPOLLOUT)
            feed(client);
        else
            hear(client);
    }
    for (int i = 0; batch_len && i < count; i++)
        give(clients[i], batch, batch_len);
    batch_len = 0;
}

int main(int words, char **word)
{
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(words > 1 ? atoi(word[1]) : 0))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) {
        perror("bound");
        return 1;
    }
    epoll = epoll_create1(0);
    watch(NULL, EPOLL_CTL_ADD, EPOLLIN);
    for (;;)
        round_of_epoll();
}
