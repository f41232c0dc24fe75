/* The load generator: load key=value... step=KIND[:AMOUNT[:SECONDS]]...
 *
 * Connects `clients` to 127.0.0.1:port, waits until all are in and it is quiet,
 * makes the steps one after the other, waits for what is outstanding, and prints
 * one line of JSON for each: `ready`, a `step` each, `end`. Steps:
 *
 *   closed:K:SECONDS   each sender keeps K messages on their way; with acks=1 until they are acknowledged
 *   open:RATE:SECONDS  RATE messages a second by the clock
 *   blast:COUNT        one sender says COUNT at once and ends its sending
 *   hold               stays connected until standard input ends
 */
#define _GNU_SOURCE
#include "load.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

struct options options = {.clients = 1, .senders = 1, .together = 64, .patience = 10};
struct tally tally;
struct conn *conns;
struct sender *senders;

void die(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

static void set_pids(const char *value)
{
    for (char *end; *value; value = *end ? end + 1 : end) {
        if (options.pid_count == sizeof options.pids / sizeof *options.pids)
            die("too many processes");
        options.pids[options.pid_count++] = (pid_t)strtol(value, &end, 10);
    }
}

static void set_option(const char *key, const char *value)
{
    const struct {
        const char *key;
        int *to;
    } numbers[] = {{"port", &options.port},         {"clients", &options.clients},   {"senders", &options.senders},
                   {"stalled", &options.stalled}, {"together", &options.together}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0) {
            *numbers[i].to = atoi(value);
            return;
        }
    if (strcmp(key, "echo") == 0)
        options.echo = atoi(value);
    else if (strcmp(key, "acks") == 0)
        options.acks = atoi(value);
    else if (strcmp(key, "own") == 0)
        options.own = atoi(value);
    else if (strcmp(key, "patience") == 0)
        options.patience = atof(value);
    else if (strcmp(key, "dialect") == 0)
        options.dialect = dialect_named(value);
    else if (strcmp(key, "pids") == 0)
        set_pids(value);
    else
        die("no option is called %s", key);
}

static void read_options(int count, char **words)
{
    for (int i = 1; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (!equals)
            die("not key=value: %s", words[i]);
        *equals = '\0';
        if (strcmp(words[i], "step") != 0)
            set_option(words[i], equals + 1);
        *equals = '=';
    }
    if (!options.dialect || !options.port)
        die("port= and dialect= are needed");
    if (options.clients < 1 || options.clients > 65535 || options.senders < 1 ||
        options.senders + options.stalled > options.clients)
        die("clients, senders and stalled do not fit together");
}

static void *zeroes(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory");
    return memory;
}

static void cast_stalled(void)
{
    for (int i = 0, at = 0; i < options.stalled; i++) {
        at = i * options.clients / options.stalled;
        while (conns[at].sender || conns[at].stalled)
            at = (at + 1) % options.clients;
        conns[at].stalled = true;
    }
}

/* The next one who listens and does not talk; or, if all talk to themselves, oneself. */
static struct conn *partner_of(struct conn *conn)
{
    for (int i = 1; i < options.clients && !options.own; i++) {
        struct conn *other = &conns[(conn->id + i) % options.clients];
        if (!other->sender && !other->stalled)
            return other;
    }
    return conn;
}

/* Senders stand all over the connections, not first; so do those who never read. */
static void cast_roles(void)
{
    conns = zeroes((size_t)options.clients, sizeof *conns);
    senders = zeroes((size_t)options.senders, sizeof *senders);
    for (int i = 0; i < options.clients; i++) {
        conns[i].id = i;
        conns[i].next = zeroes((size_t)options.senders, sizeof(uint32_t));
    }
    for (int i = 0; i < options.senders; i++) {
        struct conn *conn = &conns[(2 * (long)i + 1) * options.clients / (2 * options.senders)];
        senders[i].conn = conn;
        senders[i].slots = zeroes(RING, sizeof(struct slot));
        conn->sender = &senders[i];
    }
    cast_stalled();
    for (int i = 0; i < options.senders; i++)
        senders[i].partner = partner_of(senders[i].conn);
}

int main(int count, char **words)
{
    prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    read_options(count, words);
    check_init();
    wire_init();
    cast_roles();
    uint64_t begin = clock_ns(), cpu = server_cpu();
    wire_connect_all();
    printf("{\"at\":\"ready\",\"wall_s\":%.6f,\"cpu_s\":%.6f}\n", (double)(clock_ns() - begin) / 1e9,
           (double)(server_cpu() - cpu) / 1e9);
    fflush(stdout);
    wire_stall();
    for (int i = 1; i < count; i++)
        if (strncmp(words[i], "step=", 5) == 0)
            pace_step(words[i] + 5);
    pace_drain();
    wire_close_all();
    return 0;
}
