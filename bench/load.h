/* The load generator's parts, and what they promise each other.
 *
 * One process, one thread, one epoll. A message is 64 bytes of text: five digits
 * of its sender, a dash, nine digits of its number, a dash, and 48 letters that
 * follow from both, so that whoever receives it can tell a lost, doubled, late or
 * damaged one from a good one without being told what was sent.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TEXT 64         /* bytes in a message */
#define NICK 6          /* bytes in a nickname: u00017 */
#define RING (1u << 14) /* messages remembered per sender */
#define MOST (RING / 2) /* of them may be owed */
#define SECOND 1000000000ull

enum kind { OTHER, DELIVERY, REFUSED, PING, ACK };

struct slot {
    uint64_t due;   /* when it was to be sent */
    uint32_t order; /* its place in the one order, 0 until a listener saw it */
    uint32_t count; /* how many have received it */
};

/* What an acknowledgement says. */
struct ack {
    uint64_t ref, cid, seq; /* UINT64_MAX where there is none */
    bool again;
};

struct sender {
    struct conn *conn;
    uint32_t number;      /* of the next message */
    struct conn *partner; /* whose receipt brings a message back: lets the next one go */
    uint32_t away;        /* sent, and not yet received by the partner */
    uint32_t owed;        /* sent, and not yet received by everybody */
    uint32_t acked;       /* the number that must be acknowledged next */
    uint64_t acked_seq;   /* the seq in the last acknowledgement */
    bool returned;        /* waits for its turn to send the next */
    struct slot *slots;
};

struct conn {
    int fd, id;
    bool in, gone, wants_out;
    bool stalled; /* joins, and never reads again */
    bool leaving; /* has said all: the server may close */
    struct sender *sender; /* NULL for those who only listen */
    char *rest;            /* a line that has not ended yet */
    size_t rest_len, rest_size;
    char *out; /* what the socket would not take yet */
    size_t out_len, out_size;
    uint32_t *next;      /* per sender: the number that must come next */
    uint32_t last_order; /* place of the last one received */
    size_t nick_hint, text_hint;
};

/* How one kind of server is spoken to. */
struct dialect {
    const char *name;
    bool awaits_welcome; /* else a connection is in once it has said its name */
    bool acks;           /* each message is acknowledged to its sender */
    bool unframed;       /* `greeted` is shown what has come even if no line has ended */
    size_t (*hello)(char *out, size_t size, const struct conn *conn);
    /* What a line is; for a delivery, where its nickname and its text stand. */
    enum kind (*kind)(struct conn *conn, const char *line, size_t len, const char **nick, const char **text);
    /* Called with each line until it returns true: the connection is in. */
    bool (*greeted)(struct conn *conn, const char *line, size_t len);
    size_t (*say)(char *out, size_t size, const struct sender *sender, const char *text);
    /* Reads a line that is an ACK; NULL where there are none. */
    struct ack (*acked)(const char *line, size_t len);
};

struct options {
    int port, clients, senders, stalled, together;
    double patience; /* seconds until a connection phase or a drain counts as stuck */
    bool echo;       /* the sender receives its own messages, too */
    bool acks;       /* what brings a message back is its acknowledgement, and that is what is timed */
    bool own;        /* all talk is private, to oneself: nobody listens (JSON only) */
    const struct dialect *dialect;
    pid_t pids[64];
    int pid_count;
};

struct tally {
    uint64_t deliveries, messages, bytes, acks;
    uint64_t misacked, lost, doubled, damaged, disorder, refused, closed, ejected;
};

extern struct options options;
extern struct tally tally;
extern struct conn *conns;
extern struct sender *senders;

/* dialects.c */
const struct dialect *dialect_named(const char *name);

/* check.c */
void check_init(void);
void text_of(char *out, uint32_t id, uint32_t number);
/* Books a delivery; its partner's returns a message to its sender. */
void check_delivery(struct conn *conn, const char *nick, const char *text, uint64_t now);
/* Books an acknowledgement: of the message that comes next, once, with a greater seq than the last one. */
void check_ack(struct conn *conn, struct ack ack, uint64_t now);
/* How many messages of a sender's are yet to be acknowledged. */
uint32_t unacked(const struct sender *sender);
void latency_reset(void);
uint64_t latency_at(double share);

/* wire.c */
uint64_t clock_ns(void);
void wire_init(void);
void wire_connect_all(void);
void wire_stall(void);
void wire_close_all(void);
void wire_tell(struct conn *conn, const char *bytes, size_t len);
/* Waits until `until`, handles what has come; true if anything has. */
bool wire_turn(uint64_t until);
void wire_watch_input(void);
extern bool input_ended;

/* pace.c */
uint64_t server_cpu(void);
void pace_init(void);
void pace_step(const char *spec);
void pace_drain(void);
void pace_returned(struct sender *sender);

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
