/* Whether each message has come once, whole, in its sender's order and in everybody's. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#define LETTERS (1u << 16)
#define BUCKETS (64 * 128)

static char letters[LETTERS + TEXT];
static uint32_t places;
static uint64_t histogram[BUCKETS], samples;

void check_init(void)
{
    uint64_t state = 0x9e3779b97f4a7c15ull;
    for (size_t i = 0; i < sizeof letters; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        letters[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[(state >> 33) % 52];
    }
}

static const char *letters_of(uint32_t id, uint32_t number)
{
    uint64_t mixed = ((uint64_t)id << 32 | number) * 0x9e3779b97f4a7c15ull;
    return letters + (mixed >> 48);
}

static void put_digits(char *out, int width, uint32_t value)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

/* The number that stands there, or UINT32_MAX if it is none. */
static uint32_t digits(const char *from, int width)
{
    uint32_t value = 0;
    for (int i = 0; i < width; i++) {
        unsigned digit = (unsigned char)from[i] - '0';
        if (digit > 9)
            return UINT32_MAX;
        value = value * 10 + digit;
    }
    return value;
}

void text_of(char *out, uint32_t id, uint32_t number)
{
    put_digits(out, 5, id);
    out[5] = '-';
    put_digits(out + 6, 9, number);
    out[15] = '-';
    memcpy(out + 16, letters_of(id, number), TEXT - 16);
}

/* The sender of a sound text whose number it has really sent; NULL if it is damaged. */
static struct sender *sender_of(const char *nick, const char *text, uint32_t *number)
{
    uint32_t id = digits(text, 5);
    *number = digits(text + 6, 9);
    if (id >= (uint32_t)options.clients || *number == UINT32_MAX || text[5] != '-' || text[15] != '-')
        return NULL;
    struct sender *sender = conns[id].sender;
    if (!sender || *number >= sender->number || nick[0] != 'u' || memcmp(nick + 1, text, 5) != 0)
        return NULL;
    return memcmp(text + 16, letters_of(id, *number), TEXT - 16) == 0 ? sender : NULL;
}

/* Those who hear everything give a message its place; nobody may see two the other way round. */
static void check_order(struct conn *conn, struct slot *slot)
{
    if (slot->order == 0) {
        if (conn->sender && !options.echo)
            return;
        slot->order = ++places;
    }
    if (slot->order < conn->last_order)
        tally.disorder++;
    conn->last_order = slot->order;
}

static void latency_note(uint64_t ns)
{
    unsigned power = ns < 128 ? 0 : (unsigned)(63 - __builtin_clzll(ns)) - 6;
    histogram[power * 128 + (ns >> power) % 128]++;
    samples++;
}

void check_delivery(struct conn *conn, const char *nick, const char *text, uint64_t now)
{
    uint32_t number;
    struct sender *sender = sender_of(nick, text, &number);
    if (!sender) {
        tally.damaged++;
        return;
    }
    uint32_t *next = &conn->next[sender - senders];
    if (number < *next) {
        tally.doubled++;
        return;
    }
    tally.lost += number - *next;
    *next = number + 1;
    struct slot *slot = &sender->slots[number % RING];
    tally.deliveries++;
    if (!options.acks)
        latency_note(now > slot->due ? now - slot->due : 0);
    if (!options.own)
        check_order(conn, slot);
    uint32_t hearers = options.own ? 1 : (uint32_t)(options.clients - options.stalled - (options.echo ? 0 : 1));
    bool held = sender->owed >= MOST;
    if (++slot->count == hearers)
        sender->owed--;
    bool back = conn == sender->partner && !options.acks;
    if (back)
        sender->away--;
    if (back || held)
        pace_returned(sender);
}

uint32_t unacked(const struct sender *sender)
{
    return options.dialect->acks ? sender->number - sender->acked : 0;
}

void check_ack(struct conn *conn, struct ack ack, uint64_t now)
{
    struct sender *sender = conn->sender;
    if (!sender || unacked(sender) == 0 || ack.ref != sender->acked || ack.cid != ack.ref || ack.again ||
        ack.seq == UINT64_MAX || ack.seq <= sender->acked_seq) {
        tally.misacked++;
        return;
    }
    sender->acked_seq = ack.seq;
    sender->acked++;
    tally.acks++;
    if (!options.acks)
        return;
    struct slot *slot = &sender->slots[ack.ref % RING];
    latency_note(now > slot->due ? now - slot->due : 0);
    sender->away--;
    pace_returned(sender);
}

void latency_reset(void)
{
    memset(histogram, 0, sizeof histogram);
    samples = 0;
}

uint64_t latency_at(double share)
{
    uint64_t wanted = (uint64_t)(share * (double)samples), seen = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen && seen >= wanted) {
            size_t power = i / 128, part = i % 128;
            return (uint64_t)(part + 1) << power;
        }
    }
    return 0;
}
