// The floor: the workloads of the benchmark by a minimal client (one thread, epoll), to show how far any client is from
// what the machine can do. It checks nothing that it receives, and its mask keys are predictable.
//
// Usage: wslimit rtt|pipe|flood|big|many PORT WARMUP_SECONDS SECONDS
// Prints one JSON object: messages per second, CPU microseconds per message, latencies in microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES (1 << 22)

typedef struct {
  int fd;
  uint8_t *in, *out;
  size_t in_length, out_length, out_written;
  int armed; // for EPOLLOUT
} conn;

static int ep;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static int dial(int port, const char *path) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (void *)&a, sizeof a)) {
    perror("connect");
    exit(1);
  }
  char b[512];
  int n = snprintf(b, sizeof b,
                   "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                   path);
  if (write(fd, b, n) != n) exit(1);
  n = 0;
  do {
    if (n == sizeof b || read(fd, b + n, 1) != 1) exit(1);
    n++;
  } while (n < 4 || memcmp(b + n - 4, "\r\n\r\n", 4));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void put(conn *c, int opcode, const uint8_t *payload, size_t n) {
  uint8_t *o = c->out + c->out_length;
  uint32_t key = 0x12345678 ^ (uint32_t)(c->out_length * 2654435761u);
  *o++ = 0x80 | opcode;
  if (n < 126) {
    *o++ = 128 | n;
  } else if (n < 65536) {
    *o++ = 128 | 126;
    *o++ = n >> 8;
    *o++ = n;
  } else {
    *o++ = 255;
    for (int i = 7; i >= 0; i--) *o++ = n >> (8 * i);
  }
  memcpy(o, &key, 4);
  o += 4;
  uint64_t wide = (uint64_t)key << 32 | key;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t v;
    memcpy(&v, payload + i, 8);
    v ^= wide;
    memcpy(o + i, &v, 8);
  }
  uint8_t *octets = (uint8_t *)&key;
  for (; i < n; i++) o[i] = payload[i] ^ octets[i & 3];
  c->out_length = o + n - c->out;
}

static void flush(conn *c) {
  while (c->out_written < c->out_length) {
    ssize_t w = write(c->fd, c->out + c->out_written, c->out_length - c->out_written);
    if (w < 0) break;
    c->out_written += w;
  }
  if (c->out_written == c->out_length) c->out_written = c->out_length = 0;
  int want = c->out_length > 0;
  if (want != c->armed) {
    struct epoll_event e = {EPOLLIN | (want ? EPOLLOUT : 0), {.ptr = c}};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    c->armed = want;
  }
}

static int compare(const void *a, const void *b) {
  double x = *(double *)a, y = *(double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  const char *workload = argv[1];
  int port = atoi(argv[2]);
  double warmup = atof(argv[3]), seconds = atof(argv[4]);
  int conns = 1, window = 1, opcode = 1;
  size_t size = 64;
  int flood = !strcmp(workload, "flood"), latency = !strcmp(workload, "rtt");
  if (flood) size = 128;
  if (!strcmp(workload, "pipe")) window = 256;
  if (!strcmp(workload, "many")) conns = 200;
  if (!strcmp(workload, "big")) window = 4, size = 65536, opcode = 2;

  size_t in_capacity = conns > 1 ? 65536 : 1 << 18, out_capacity = conns > 1 ? 65536 : 4 << 20;
  double *samples = latency ? malloc(MAX_SAMPLES * sizeof *samples) : 0;
  uint8_t *payload = malloc(size);
  memset(payload, 'x', size);
  ep = epoll_create1(0);
  conn *cs = calloc(conns, sizeof(conn));
  for (int i = 0; i < conns; i++) {
    cs[i].fd = dial(port, flood ? "/flood?n=1000000000000&size=128" : "/echo");
    cs[i].in = malloc(in_capacity);
    cs[i].out = malloc(out_capacity);
    struct epoll_event e = {EPOLLIN, {.ptr = cs + i}};
    epoll_ctl(ep, EPOLL_CTL_ADD, cs[i].fd, &e);
  }
  double begin = now(), from = 0, from_cpu = 0, last = begin, time = begin;
  long got = 0, from_got = 0, sampled = 0;
  for (int i = 0; i < conns; i++) {
    for (int k = 0; k < window; k++) put(cs + i, opcode, payload, size);
    flush(cs + i);
  }
  struct epoll_event ev[256];
  while (1) {
    int m = epoll_wait(ep, ev, 256, 1000);
    time = now();
    if (!from && time - begin >= warmup) {
      from = time;
      from_cpu = cpu();
      from_got = got;
    } else if (from && time - from >= seconds) {
      break;
    }
    for (int i = 0; i < m; i++) {
      conn *c = ev[i].data.ptr;
      if (ev[i].events & EPOLLIN) {
        ssize_t g = read(c->fd, c->in + c->in_length, in_capacity - c->in_length);
        if (g == 0) {
          fprintf(stderr, "the server closed\n");
          return 1;
        }
        if (g < 0) continue;
        c->in_length += g;
        size_t at = 0;
        while (c->in_length - at >= 2) {
          uint8_t *p = c->in + at;
          size_t length = p[1] & 127, head = 2;
          if (length == 126) {
            if (c->in_length - at < 4) break;
            length = p[2] << 8 | p[3];
            head = 4;
          } else if (length == 127) {
            if (c->in_length - at < 10) break;
            length = 0;
            for (int k = 0; k < 8; k++) length = length << 8 | p[2 + k];
            head = 10;
          }
          if (c->in_length - at < head + length) break;
          at += head + length;
          if (latency) {
            double t = now();
            if (from && sampled < MAX_SAMPLES) samples[sampled++] = t - last;
            last = t;
          }
          got++;
          if (!flood) put(c, opcode, payload, size);
        }
        memmove(c->in, c->in + at, c->in_length - at);
        c->in_length -= at;
      }
      flush(c);
    }
  }
  double took = time - from;
  long messages = got - from_got;
  printf("{\"rate\":%.1f,\"cpu\":%.4f", messages / took, (cpu() - from_cpu) * 1e6 / messages);
  if (sampled) {
    qsort(samples, sampled, sizeof *samples, compare);
    printf(",\"p50\":%.1f,\"p99\":%.1f", samples[sampled / 2] * 1e6, samples[sampled * 99 / 100] * 1e6);
  }
  puts("}");
}
