/* One end of a PUSH/PULL throughput measurement with libzmq.
 *
 *     throughput pull <endpoint> <size> <count>   binds, receives, prints {"seconds":...}: first to last message
 *     throughput push <endpoint> <size> <count>   connects, sends, stays until its stdin ends
 *
 * The sender stays because a sender that leaves early can leave the receiver waiting.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

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

static void pull(void *socket, const char *endpoint, size_t size, long count)
{
    check(zmq_bind(socket, endpoint) == 0, "bind");
    puts("ready");
    fflush(stdout);

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
    fflush(stdout);
    zmq_msg_close(&message);
}

static void push(void *socket, const char *endpoint, size_t size, long count)
{
    check(zmq_connect(socket, endpoint) == 0, "connect");
    char *payload = malloc(size + 1);
    check(payload != NULL, "memory");
    memset(payload, 'x', size + 1);
    for (long i = 0; i < count; i++)
        check(zmq_send(socket, payload, size, 0) >= 0, "send");
    while (getchar() != EOF)
        ;
    free(payload);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: throughput pull|push endpoint size count\n");
        return 2;
    }
    int pulling = strcmp(argv[1], "pull") == 0;
    size_t size = strtoul(argv[3], NULL, 10);
    long count = strtol(argv[4], NULL, 10);

    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, pulling ? ZMQ_PULL : ZMQ_PUSH);
    check(socket != NULL, "socket");
    (pulling ? pull : push)(socket, argv[2], size, count);

    int linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}
