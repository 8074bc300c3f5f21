/* The works of a comparison with libzmq, as denomq.ts has them:
 *
 *     libzmq <work> near|far|alone <endpoint> <size> <count>
 *
 * `threads` sends what the program has in memory, `threads-blank` messages as zmq_msg_init_size makes them, of which not
 * one byte is written: that is what libzmq's own inproc_thr does.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { SUBSCRIBERS = 8, IN_FLIGHT = 500, WARM_UP = 1000 };

static void *context;
static const char *endpoint;
static size_t size;
static long count;
static char *payload;
static int blank;

static void check(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *open_socket(int type)
{
    void *socket = zmq_socket(context, type);
    check(socket != NULL, "socket");
    return socket;
}

static void say(const char *line)
{
    puts(line);
    fflush(stdout);
}

static void *bound(int type)
{
    void *socket = open_socket(type);
    check(zmq_bind(socket, endpoint) == 0, "bind");
    return socket;
}

static void *connected(int type)
{
    void *socket = open_socket(type);
    check(zmq_connect(socket, endpoint) == 0, "connect");
    return socket;
}

static void set(void *socket, int option, int value)
{
    check(zmq_setsockopt(socket, option, &value, sizeof value) == 0, "option");
}

static void send_payload(void *socket)
{
    if (!blank) {
        check(zmq_send(socket, payload, size, 0) >= 0, "send");
        return;
    }
    zmq_msg_t message;
    check(zmq_msg_init_size(&message, size) == 0, "message");
    check(zmq_msg_send(&message, socket, 0) >= 0, "send");
}

/* Receives one message; 0 where there is none and flags say not to wait. */
static int receive(void *socket, zmq_msg_t *message, int flags)
{
    if (zmq_msg_recv(message, socket, flags) < 0) {
        check(zmq_errno() == EAGAIN, "receive");
        return 0;
    }
    if (zmq_msg_size(message) == size)
        return 1;
    fprintf(stderr, "a message has %zu bytes\n", zmq_msg_size(message));
    exit(1);
}

static void report(double seconds)
{
    printf("{\"seconds\":%.9f}\n", seconds);
    fflush(stdout);
}

static void pull(void)
{
    void *socket = bound(ZMQ_PULL);
    say("ready");
    zmq_msg_t message;
    zmq_msg_init(&message);
    double begin = 0;
    for (long i = 0; i < count; i++) {
        receive(socket, &message, 0);
        if (i == 0)
            begin = now();
    }
    report(now() - begin);
}

static void push(void)
{
    void *socket = connected(ZMQ_PUSH);
    for (long i = 0; i < count; i++)
        send_payload(socket);
}

/* All subscribers in one thread, each read until it has nothing. */
static void subscribe(void)
{
    zmq_pollitem_t items[SUBSCRIBERS];
    long left[SUBSCRIBERS];
    for (int i = 0; i < SUBSCRIBERS; i++) {
        items[i] = (zmq_pollitem_t){connected(ZMQ_SUB), 0, ZMQ_POLLIN, 0};
        check(zmq_setsockopt(items[i].socket, ZMQ_SUBSCRIBE, "", 0) == 0, "subscribe");
        left[i] = count;
    }
    say("ready");
    zmq_msg_t message;
    zmq_msg_init(&message);
    double begin = 0;
    for (int done = 0; done < SUBSCRIBERS;) {
        check(zmq_poll(items, SUBSCRIBERS, -1) >= 0, "poll");
        for (int i = 0; i < SUBSCRIBERS; i++) {
            if (!(items[i].revents & ZMQ_POLLIN))
                continue;
            while (left[i] > 0 && receive(items[i].socket, &message, ZMQ_DONTWAIT)) {
                if (begin == 0)
                    begin = now();
                if (--left[i] == 0)
                    done++;
            }
        }
    }
    report(now() - begin);
}

/* An XPUB, for only that one knows of its subscribers. */
static void publish(void)
{
    void *socket = open_socket(ZMQ_XPUB);
    set(socket, ZMQ_XPUB_NODROP, 1);
    set(socket, ZMQ_XPUB_VERBOSE, 1);
    check(zmq_bind(socket, endpoint) == 0, "bind");
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (int i = 0; i < SUBSCRIBERS; i++)
        check(zmq_msg_recv(&message, socket, 0) >= 0, "subscription");
    for (long i = 0; i < count; i++)
        send_payload(socket);
}

static void dealer(void)
{
    void *socket = bound(ZMQ_DEALER);
    say("ready");
    for (long i = 0; i < IN_FLIGHT && i < count; i++)
        send_payload(socket);
    zmq_msg_t message;
    zmq_msg_init(&message);
    double begin = 0;
    for (long received = 1; received <= count; received++) {
        receive(socket, &message, 0);
        if (received == 1)
            begin = now();
        if (received + IN_FLIGHT <= count)
            send_payload(socket);
    }
    report(now() - begin);
}

/* Sends back what comes, of a ROUTER with the id in front. */
static void answer(int type)
{
    void *socket = connected(type);
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, socket, 0) >= 0) {
        int more = zmq_msg_more(&message);
        check(zmq_msg_send(&message, socket, more ? ZMQ_SNDMORE : 0) >= 0, "send");
    }
}

static void router(void)
{
    answer(ZMQ_ROUTER);
}

static void reply(void)
{
    answer(ZMQ_REP);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void request(void)
{
    void *socket = bound(ZMQ_REQ);
    say("ready");
    double *times = malloc(count * sizeof *times);
    check(times != NULL, "memory");
    zmq_msg_t message;
    zmq_msg_init(&message);
    double sum = 0;
    for (long i = count < WARM_UP ? -count : -WARM_UP; i < count; i++) {
        double begin = now();
        send_payload(socket);
        receive(socket, &message, 0);
        if (i < 0)
            continue;
        times[i] = now() - begin;
        sum += times[i];
    }
    qsort(times, count, sizeof *times, ascending);
    printf("{\"seconds\":%.9f,\"p50\":%.3f,\"p99\":%.3f}\n", sum, times[count / 2] * 1e6, times[count * 99 / 100] * 1e6);
    fflush(stdout);
}

static void *sending_thread(void *nothing)
{
    push();
    return nothing;
}

static void threads(void)
{
    pthread_t sender;
    check(pthread_create(&sender, NULL, sending_thread, NULL) == 0, "thread");
    pull();
}

static void *far_thread(void *part)
{
    (*(void (**)(void))part)();
    return NULL;
}

static const struct {
    const char *work, *role;
    void (*run)(void);
} parts[] = {
    {"pipeline", "near", pull},    {"pipeline", "far", push}, {"fanout", "near", subscribe}, {"fanout", "far", publish},
    {"echo", "near", dealer},      {"echo", "far", router},   {"trip", "near", request},     {"trip", "far", reply},
    {"threads", "alone", threads}, {"threads-blank", "alone", threads},
};

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: libzmq work near|far|alone endpoint size count\n");
        return 2;
    }
    endpoint = argv[3];
    size = strtoul(argv[4], NULL, 10);
    count = strtol(argv[5], NULL, 10);
    blank = strstr(argv[1], "-blank") != NULL;
    payload = malloc(size + 1);
    check(payload != NULL, "memory");
    memset(payload, 'x', size + 1);
    context = zmq_ctx_new();

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].work, argv[1]) != 0 || strcmp(parts[i].role, argv[2]) != 0)
            continue;
        if (strcmp(argv[2], "far") != 0) {
            parts[i].run();
        } else {
            /* It stays until its stdin ends: a sender that leaves early can leave the receiver waiting. */
            pthread_t far;
            check(pthread_create(&far, NULL, far_thread, (void *)&parts[i].run) == 0, "thread");
            while (getchar() != EOF)
                ;
        }
        /* What is still queued is of no use to anybody. */
        _Exit(0);
    }
    fprintf(stderr, "there is no %s %s\n", argv[1], argv[2]);
    return 2;
}
