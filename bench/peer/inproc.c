/* PUSH/PULL throughput over inproc with libzmq, measured as its own perf/inproc_thr does: a thread sends, main receives.
 *
 *     inproc blank|copy <size> <count>   prints {"seconds":...}: first to last message
 *
 * `blank` sends messages as zmq_msg_init_size makes them, which is what inproc_thr does: not one byte of a body is
 * written. `copy` sends what the program has in memory, as a program that has something to say must.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static const char endpoint[] = "inproc://throughput";
static void *context;
static size_t size;
static long count;
static int copying;

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

static void *push(void *nothing)
{
    void *socket = zmq_socket(context, ZMQ_PUSH);
    check(socket != NULL, "socket");
    check(zmq_connect(socket, endpoint) == 0, "connect");
    char *payload = malloc(size + 1);
    check(payload != NULL, "memory");
    memset(payload, 'x', size + 1);
    for (long i = 0; i < count; i++) {
        if (copying) {
            check(zmq_send(socket, payload, size, 0) >= 0, "send");
            continue;
        }
        zmq_msg_t message;
        check(zmq_msg_init_size(&message, size) == 0, "message");
        check(zmq_msg_send(&message, socket, 0) >= 0, "send");
    }
    zmq_close(socket);
    free(payload);
    return nothing;
}

static void pull(void *socket)
{
    zmq_msg_t message;
    check(zmq_msg_init(&message) == 0, "message");
    double begin = 0;
    for (long i = 0; i < count; i++) {
        check(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        if (zmq_msg_size(&message) != size) {
            fprintf(stderr, "message %ld has %zu bytes\n", i, zmq_msg_size(&message));
            exit(1);
        }
        if (i == 0)
            begin = now();
    }
    printf("{\"seconds\":%.9f}\n", now() - begin);
    zmq_msg_close(&message);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: inproc blank|copy size count\n");
        return 2;
    }
    copying = strcmp(argv[1], "copy") == 0;
    size = strtoul(argv[2], NULL, 10);
    count = strtol(argv[3], NULL, 10);

    context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_PULL);
    check(socket != NULL, "socket");
    check(zmq_bind(socket, endpoint) == 0, "bind");
    pthread_t sender;
    check(pthread_create(&sender, NULL, push, NULL) == 0, "thread");
    pull(socket);
    check(pthread_join(sender, NULL) == 0, "join");
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
