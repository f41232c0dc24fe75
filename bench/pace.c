/* When what is said: closed and open loops, and how much of the server's time they took. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define FULL (1u << 20)

static char chunk[FULL + 512];
static struct sender *waiting[1u << 16]; /* those whose message has come back */
static int waiting_count;

static uint64_t read_clock(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time) < 0)
        die("the server is gone");
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* All threads of all its processes, living or ended, in nanoseconds. */
uint64_t server_cpu(void)
{
    uint64_t total = 0;
    for (int i = 0; i < options.pid_count; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(options.pids[i], &clock) != 0)
            die("the server is gone");
        total += read_clock(clock);
    }
    return total;
}

void pace_returned(struct sender *sender)
{
    if (sender->returned)
        return;
    sender->returned = true;
    waiting[waiting_count++] = sender;
}

/* Says `count` messages in one write. */
static void say(struct sender *sender, uint32_t count, uint64_t due)
{
    size_t len = 0;
    char text[TEXT + 1] = "";
    for (; count; count--) {
        struct slot *slot = &sender->slots[sender->number % RING];
        *slot = (struct slot){.due = due};
        text_of(text, (uint32_t)sender->conn->id, sender->number);
        len += options.dialect->say(chunk + len, sizeof chunk - len, sender, text);
        sender->number++;
        sender->away++;
        sender->owed++;
        tally.messages++;
        if (len > FULL || count == 1) {
            wire_tell(sender->conn, chunk, len);
            len = 0;
        }
    }
}

static void top_up(struct sender *sender, uint32_t wanted)
{
    sender->returned = false;
    if (sender->away < wanted && sender->owed + wanted - sender->away <= MOST)
        say(sender, wanted - sender->away, clock_ns());
}

/* Each sender keeps `wanted` messages on their way. */
static void closed_loop(uint32_t wanted, uint64_t end)
{
    for (int i = 0; i < options.senders; i++)
        top_up(&senders[i], wanted);
    while (clock_ns() < end) {
        waiting_count = 0;
        wire_turn(end);
        for (int i = 0; i < waiting_count; i++)
            top_up(waiting[i], wanted);
    }
}

/* So many messages a second by the clock, the senders in turn; false if the server cannot follow. */
static bool open_loop(double rate, uint64_t begin, uint64_t end)
{
    uint64_t count = 0, due = begin;
    while (due < end) {
        while (due <= clock_ns() && due < end) {
            struct sender *sender = &senders[count++ % (uint64_t)options.senders];
            if (sender->owed >= MOST)
                return false;
            say(sender, 1, due);
            due = begin + (uint64_t)((double)count * (double)SECOND / rate);
        }
        wire_turn(due < end ? due : end);
    }
    return true;
}

/* One sender says all at once and ends its sending; over when the server has closed. */
static void blast(uint32_t count)
{
    struct sender *sender = senders;
    struct conn *conn = sender->conn;
    conn->leaving = true;
    for (uint32_t done = 0; done < count && !conn->gone; done += 64) {
        say(sender, count - done < 64 ? count - done : 64, clock_ns());
        while (conn->out_len > FULL && !conn->gone)
            wire_turn(clock_ns() + SECOND);
    }
    while (conn->out_len && !conn->gone)
        wire_turn(clock_ns() + SECOND);
    shutdown(conn->fd, SHUT_WR);
    while (!conn->gone)
        if (!wire_turn(clock_ns() + (uint64_t)options.patience * SECOND))
            die("the server does not end");
    sender->owed = sender->away = 0;
    sender->acked = sender->number;
}

static void hold(void)
{
    printf("{\"at\":\"hold\"}\n");
    fflush(stdout);
    wire_watch_input();
    while (!input_ended)
        wire_turn(clock_ns() + SECOND);
}

static bool run(const char *kind, double amount, uint64_t begin, uint64_t end)
{
    if (strcmp(kind, "closed") == 0)
        closed_loop((uint32_t)amount, end);
    else if (strcmp(kind, "open") == 0)
        return open_loop(amount, begin, end);
    else if (strcmp(kind, "blast") == 0)
        blast((uint32_t)amount);
    else if (strcmp(kind, "hold") == 0)
        hold();
    else
        die("no step is called %s", kind);
    return true;
}

void pace_step(const char *spec)
{
    char kind[16] = "";
    double amount = 0, seconds = 0;
    if (sscanf(spec, "%15[a-z]:%lf:%lf", kind, &amount, &seconds) < 1 || amount < 0 || amount > 1e9)
        die("no step: %s", spec);
    latency_reset();
    struct tally before = tally;
    uint64_t begin = clock_ns(), cpu = server_cpu(), mine = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    bool followed = run(kind, amount, begin, begin + (uint64_t)(seconds * (double)SECOND));
    double wall = (double)(clock_ns() - begin) / 1e9, spent = (double)(server_cpu() - cpu) / 1e9;
    double own = (double)(read_clock(CLOCK_PROCESS_CPUTIME_ID) - mine) / 1e9;
    printf("{\"at\":\"step\",\"kind\":\"%s\",\"amount\":%g,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"generator_cpu_s\":%.6f,"
           "\"deliveries\":%lu,\"messages\":%lu,\"acks\":%lu,\"bytes\":%lu,"
           "\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"max_ms\":%.4f,\"followed\":%s}\n",
           kind, amount, wall, spent, own, tally.deliveries - before.deliveries, tally.messages - before.messages,
           tally.acks - before.acks, tally.bytes - before.bytes, (double)latency_at(0.5) / 1e6,
           (double)latency_at(0.99) / 1e6, (double)latency_at(1) / 1e6, followed ? "true" : "false");
    fflush(stdout);
}

static uint64_t owed(void)
{
    uint64_t total = 0;
    for (int i = 0; i < options.senders; i++)
        total += senders[i].owed;
    return total;
}

static uint64_t all_unacked(void)
{
    uint64_t total = 0;
    for (int i = 0; i < options.senders; i++)
        total += unacked(&senders[i]);
    return total;
}

void pace_drain(void)
{
    uint64_t last = clock_ns(), patience = (uint64_t)(options.patience * (double)SECOND);
    uint64_t left = owed() + all_unacked();
    while (left && clock_ns() - last < patience) {
        waiting_count = 0;
        wire_turn(clock_ns() + SECOND / 10);
        uint64_t now_left = owed() + all_unacked();
        if (now_left != left)
            last = clock_ns();
        left = now_left;
    }
    /* whatever comes twice comes now */
    for (uint64_t end = clock_ns() + SECOND / 20; clock_ns() < end;)
        wire_turn(end);
    printf("{\"at\":\"end\",\"messages\":%lu,\"deliveries\":%lu,\"missing\":%lu,\"unacked\":%lu,\"misacked\":%lu,"
           "\"lost\":%lu,\"doubled\":%lu,\"damaged\":%lu,\"disorder\":%lu,\"refused\":%lu,\"closed\":%lu,\"ejected\":%lu}\n",
           tally.messages, tally.deliveries, owed(), all_unacked(), tally.misacked, tally.lost, tally.doubled,
           tally.damaged, tally.disorder, tally.refused, tally.closed, tally.ejected);
    fflush(stdout);
}
