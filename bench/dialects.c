/* How each kind of server is greeted, spoken to and understood. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STARTS(line, len, word) ((len) >= sizeof(word) - 1 && memcmp(line, word, sizeof(word) - 1) == 0)
#define HAS(line, len, word) (memmem(line, len, word, sizeof(word) - 1) != NULL)
#define TELL(conn, ...)                                              \
    do {                                                             \
        char told[256];                                              \
        int told_len = snprintf(told, sizeof told, __VA_ARGS__);     \
        wire_tell(conn, told, (size_t)told_len);                     \
    } while (0)

static size_t put(char *out, const char *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return len;
}

/* ---- text lines: "nick" first, then text; heard as "nick: text" ---- */

static size_t text_hello(char *out, size_t size, const struct conn *conn)
{
    return (size_t)snprintf(out, size, "u%05d\r\n", conn->id);
}

static enum kind text_kind(struct conn *conn, const char *line, size_t len, const char **nick, const char **text)
{
    (void)conn;
    if (len == NICK + 2 + TEXT && line[NICK] == ':') {
        *nick = line;
        *text = line + NICK + 2;
        return DELIVERY;
    }
    return STARTS(line, len, "! ") ? REFUSED : OTHER;
}

static bool text_greeted(struct conn *conn, const char *line, size_t len)
{
    (void)conn;
    return HAS(line, len, "Connected to server!");
}

static size_t text_say(char *out, size_t size, const struct sender *sender, const char *text)
{
    (void)size;
    (void)sender;
    size_t len = put(out, text, TEXT);
    return len + put(out + len, "\r\n", 2);
}

/* ---- the tutorial: no lines; the client itself writes its name before its text ---- */

static size_t silent_hello(char *out, size_t size, const struct conn *conn)
{
    (void)out;
    (void)size;
    (void)conn;
    return 0;
}

static enum kind tutorial_kind(struct conn *conn, const char *line, size_t len, const char **nick, const char **text)
{
    size_t whole = NICK + 2 + TEXT;
    if (len < whole)
        return OTHER;
    return text_kind(conn, line + len - whole, whole, nick, text);
}

/* Given all that has come so far, for nothing of it ends in a newline. */
static bool tutorial_greeted(struct conn *conn, const char *line, size_t len)
{
    if (len == 4 && STARTS(line, len, "NICK")) {
        TELL(conn, "u%05d", conn->id);
        conn->rest_len = 0;
    }
    return HAS(line, len, "Connected to server!");
}

static size_t tutorial_say(char *out, size_t size, const struct sender *sender, const char *text)
{
    size_t len = (size_t)snprintf(out, size, "u%05d: ", sender->conn->id);
    len += put(out + len, text, TEXT);
    return len + put(out + len, "\n", 1);
}

/* ---- IRC ---- */

static size_t irc_hello(char *out, size_t size, const struct conn *conn)
{
    return (size_t)snprintf(out, size, "NICK u%05d\r\nUSER bench 0 * :bench\r\n", conn->id);
}

static enum kind irc_kind(struct conn *conn, const char *line, size_t len, const char **nick, const char **text)
{
    (void)conn;
    if (STARTS(line, len, "PING"))
        return PING;
    if (STARTS(line, len, "ERROR"))
        return REFUSED;
    const char *space = len && line[0] == ':' ? memchr(line, ' ', len) : NULL;
    size_t left = space ? len - (size_t)(space - line) : 0;
    if (left > TEXT && STARTS(space, left, " PRIVMSG #") && len > NICK + 1) {
        *nick = line + 1;
        *text = line + len - TEXT;
        return DELIVERY;
    }
    bool numeric = left > 4 && space[4] == ' ' && (space[1] == '4' || space[1] == '5');
    return numeric && !STARTS(space, left, " 422 ") ? REFUSED : OTHER;
}

static bool irc_greeted(struct conn *conn, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    size_t left = space ? len - (size_t)(space - line) : 0;
    if (left && STARTS(space, left, " 001 "))
        TELL(conn, "JOIN #bench\r\n");
    return left && STARTS(space, left, " 366 ");
}

static size_t irc_say(char *out, size_t size, const struct sender *sender, const char *text)
{
    (void)size;
    (void)sender;
    size_t len = put(out, "PRIVMSG #bench :", 16);
    len += put(out + len, text, TEXT);
    return len + put(out + len, "\r\n", 2);
}

/* ---- JSON lines ---- */

static size_t json_hello(char *out, size_t size, const struct conn *conn)
{
    return (size_t)snprintf(out, size, "{\"op\":\"hello\",\"v\":1,\"nick\":\"u%05d\",\"ref\":1}\n", conn->id);
}

/* What follows a key: first where it stood in the last line, counted from the end. */
static const char *value_of(const char *line, size_t len, const char *key, size_t *hint)
{
    size_t width = strlen(key);
    if (*hint && *hint <= len && memcmp(line + len - *hint, key, width) == 0)
        return line + len - *hint + width;
    const char *found = memmem(line, len, key, width);
    if (!found)
        return NULL;
    *hint = len - (size_t)(found - line);
    return found + width;
}

static enum kind json_kind(struct conn *conn, const char *line, size_t len, const char **nick, const char **text)
{
    if (STARTS(line, len, "{\"ev\":\"said\"") || STARTS(line, len, "{\"ev\":\"direct\"")) {
        *nick = value_of(line, len, "\"nick\":\"", &conn->nick_hint);
        *text = value_of(line, len, "\"text\":\"", &conn->text_hint);
        bool whole = *nick && *text && *nick + NICK < line + len && *text + TEXT < line + len;
        return whole && (*text)[TEXT] == '"' ? DELIVERY : REFUSED;
    }
    if (STARTS(line, len, "{\"ev\":\"ack\""))
        return ACK;
    if (STARTS(line, len, "{\"ev\":\"error\"") || STARTS(line, len, "{\"ev\":\"bye\""))
        return REFUSED;
    return STARTS(line, len, "{\"ev\":\"ping\"") ? PING : OTHER;
}

static bool json_greeted(struct conn *conn, const char *line, size_t len)
{
    if (STARTS(line, len, "{\"ev\":\"hello\""))
        TELL(conn, "{\"op\":\"join\",\"room\":\"#lobby\",\"ref\":2}\n");
    return STARTS(line, len, "{\"ev\":\"live\"");
}

static size_t json_say(char *out, size_t size, const struct sender *sender, const char *text)
{
    uint32_t number = sender->number;
    size_t len = options.own
                     ? (size_t)snprintf(out, size, "{\"op\":\"dm\",\"with\":\"u%05d\"", sender->conn->id)
                     : (size_t)snprintf(out, size, "{\"op\":\"say\",\"room\":\"#lobby\"");
    return len + (size_t)snprintf(out + len, size - len, ",\"text\":\"%.64s\",\"cid\":\"%u\",\"ref\":%u}\n", text, number, number);
}

/* The number that follows a key, which its line's end ends at the latest; UINT64_MAX if there is none. */
static uint64_t number_at(const char *line, size_t len, const char *key)
{
    const char *found = memmem(line, len, key, strlen(key));
    const char *from = found ? found + strlen(key) : NULL;
    return from && from < line + len && *from >= '0' && *from <= '9' ? strtoull(from, NULL, 10) : UINT64_MAX;
}

static struct ack json_acked(const char *line, size_t len)
{
    return (struct ack){
        .ref = number_at(line, len, "\"ref\":"),
        .cid = number_at(line, len, "\"cid\":\""),
        .seq = number_at(line, len, "\"seq\":"),
        .again = HAS(line, len, "\"dup\":true"),
    };
}

static const struct dialect dialects[] = {
    {"text", true, false, false, text_hello, text_kind, text_greeted, text_say, NULL},
    {"plain", false, false, false, text_hello, text_kind, text_greeted, text_say, NULL},
    {"silent", false, false, false, silent_hello, text_kind, text_greeted, text_say, NULL},
    {"tutorial", true, false, true, silent_hello, tutorial_kind, tutorial_greeted, tutorial_say, NULL},
    {"irc", true, false, false, irc_hello, irc_kind, irc_greeted, irc_say, NULL},
    {"json", true, true, false, json_hello, json_kind, json_greeted, json_say, json_acked},
};

const struct dialect *dialect_named(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    die("no dialect is called %s", name);
}
