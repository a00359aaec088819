// A small WebSocket server (one thread, epoll), used only to load clients.
//   /echo               sends every data message back, and answers pings
//   /deflate            the same with permessage-deflate agreed: the compressed bytes go back as they came, which is what
//                       an equal compressor here would have made of the message
//   /flood?n=N&size=S   after the client's first message, sends N binary messages of S bytes
// It also is the proxy before itself: CONNECT is accepted, whatever the destination, and costs nothing after that.
// Usage: wsserver PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HTTP, ECHO, FLOOD };

typedef struct {
  int fd, mode;
  uint8_t *in, *out;
  size_t in_length, in_capacity, out_length, out_written, out_capacity;
  long flood_count;
  size_t flood_size;
  int flooding, armed, dead;
} conn;

static int ep;

static uint32_t rotate(uint32_t v, int b) { return (v << b) | (v >> (32 - b)); }

static void sha1(const uint8_t *d, size_t n, uint8_t out[20]) {
  uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  size_t total = ((n + 8) / 64 + 1) * 64;
  uint8_t *m = calloc(1, total);
  memcpy(m, d, n);
  m[n] = 0x80;
  for (int i = 0; i < 8; i++) m[total - 1 - i] = (uint8_t)((uint64_t)n * 8 >> (8 * i));
  for (size_t o = 0; o < total; o += 64) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++) {
      const uint8_t *p = m + o + 4 * i;
      w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    }
    for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; i++) {
      uint32_t f, k;
      if (i < 20) {
        f = (b & c) | (~b & d);
        k = 0x5A827999;
      } else if (i < 40) {
        f = b ^ c ^ d;
        k = 0x6ED9EBA1;
      } else if (i < 60) {
        f = (b & c) | (b & d) | (c & d);
        k = 0x8F1BBCDC;
      } else {
        f = b ^ c ^ d;
        k = 0xCA62C1D6;
      }
      uint32_t t = rotate(a, 5) + f + e + k + w[i];
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = t;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
  }
  free(m);
  for (int i = 0; i < 20; i++) out[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void base64(const uint8_t *in, int n, char *out) {
  static const char t[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < n; i += 3) {
    uint32_t v = in[i] << 16 | (i + 1 < n ? in[i + 1] << 8 : 0) | (i + 2 < n ? in[i + 2] : 0);
    *out++ = t[v >> 18 & 63];
    *out++ = t[v >> 12 & 63];
    *out++ = i + 1 < n ? t[v >> 6 & 63] : '=';
    *out++ = i + 2 < n ? t[v & 63] : '=';
  }
  *out = 0;
}

static void need(uint8_t **buffer, size_t *capacity, size_t n) {
  if (n <= *capacity) return;
  size_t c = *capacity ? *capacity : 1024;
  while (c < n) c *= 2;
  *buffer = realloc(*buffer, c);
  *capacity = c;
}

static void put(conn *c, const void *p, size_t n) {
  need(&c->out, &c->out_capacity, c->out_length + n);
  memcpy(c->out + c->out_length, p, n);
  c->out_length += n;
}

static void head(conn *c, int first, uint64_t n) {
  uint8_t h[10];
  int length;
  h[0] = first;
  if (n < 126) {
    h[1] = n;
    length = 2;
  } else if (n < 65536) {
    h[1] = 126;
    h[2] = n >> 8;
    h[3] = n;
    length = 4;
  } else {
    h[1] = 127;
    for (int i = 0; i < 8; i++) h[2 + i] = n >> (8 * (7 - i));
    length = 10;
  }
  put(c, h, length);
}

static void fill_flood(conn *c) {
  static uint8_t payload[1 << 20];
  while (c->flooding && c->flood_count > 0 && c->out_length - c->out_written < (256 << 10)) {
    head(c, 0x82, c->flood_size);
    put(c, payload, c->flood_size);
    c->flood_count--;
  }
}

static void flush(conn *c) {
  while (1) {
    fill_flood(c);
    if (c->out_written == c->out_length) break;
    ssize_t w = write(c->fd, c->out + c->out_written, c->out_length - c->out_written);
    if (w < 0) {
      if (errno == EAGAIN) break;
      c->dead = 1;
      return;
    }
    c->out_written += w;
    if (c->out_written == c->out_length) {
      c->out_written = c->out_length = 0;
    } else if (c->out_written > (1 << 20)) {
      memmove(c->out, c->out + c->out_written, c->out_length - c->out_written);
      c->out_length -= c->out_written;
      c->out_written = 0;
    }
  }
  int want = c->out_written < c->out_length;
  if (want != c->armed) {
    struct epoll_event e = {EPOLLIN | (want ? EPOLLOUT : 0), {.ptr = c}};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    c->armed = want;
  }
}

static void http(conn *c) {
  uint8_t *end = memmem(c->in, c->in_length, "\r\n\r\n", 4);
  if (!end) return;
  *end = 0;
  size_t used = end + 4 - c->in;
  char *request = (char *)c->in, *field = strcasestr(request, "\nsec-websocket-key:");
  if (!strncmp(request, "CONNECT ", 8)) {
    static const char through[] = "HTTP/1.1 200 OK\r\n\r\n";
    put(c, through, sizeof through - 1);
    memmove(c->in, c->in + used, c->in_length - used);
    c->in_length -= used;
    return;
  }
  if (!field) {
    c->dead = 1;
    return;
  }
  field = strchr(field, ':') + 1;
  while (*field == ' ') field++;
  char key[128];
  int n = 0;
  while (field[n] && field[n] != '\r' && n < 60) {
    key[n] = field[n];
    n++;
  }
  strcpy(key + n, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  uint8_t digest[20];
  char accept[32];
  sha1((uint8_t *)key, strlen(key), digest);
  base64(digest, 20, accept);
  const char *extension = "";
  if (!strncmp(request, "GET /deflate", 12) && strcasestr(request, "permessage-deflate")) {
    // A window that the client does not want kept must not be used by the client's own compressor either: it is mirrored.
    extension = strcasestr(request, "server_no_context_takeover")
                    ? "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
                    : "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  }
  char response[512];
  int length = snprintf(response, sizeof response,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n%s\r\n",
                        accept, extension);
  put(c, response, length);
  c->mode = ECHO;
  if (!strncmp(request, "GET /flood", 10)) {
    c->mode = FLOOD;
    char *p = strstr(request, "n=");
    c->flood_count = p ? atol(p + 2) : 0;
    p = strstr(request, "size=");
    c->flood_size = p ? atol(p + 5) : 0;
    if (c->flood_size > 1 << 20) c->flood_size = 1 << 20;
  }
  memmove(c->in, c->in + used, c->in_length - used);
  c->in_length -= used;
}

static void unmask(uint8_t *payload, size_t n, const uint8_t key[4]) {
  uint64_t wide;
  memcpy(&wide, key, 4);
  memcpy((uint8_t *)&wide + 4, key, 4);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t v;
    memcpy(&v, payload + i, 8);
    v ^= wide;
    memcpy(payload + i, &v, 8);
  }
  for (; i < n; i++) payload[i] ^= key[i & 3];
}

static void frames(conn *c) {
  size_t at = 0;
  while (c->in_length - at >= 2) {
    uint8_t *p = c->in + at;
    uint64_t n = p[1] & 127;
    size_t h = 2;
    if (n == 126) {
      if (c->in_length - at < 4) break;
      n = p[2] << 8 | p[3];
      h = 4;
    } else if (n == 127) {
      if (c->in_length - at < 10) break;
      n = 0;
      for (int i = 0; i < 8; i++) n = n << 8 | p[2 + i];
      h = 10;
    }
    if (p[1] & 128) h += 4;
    if (c->in_length - at < h + n) {
      need(&c->in, &c->in_capacity, h + n + at + 65536);
      break;
    }
    uint8_t *payload = p + h;
    if (p[1] & 128) unmask(payload, n, payload - 4);
    int opcode = p[0] & 15;
    if (opcode == 8) {
      head(c, 0x88, n);
      put(c, payload, n);
      flush(c);
      c->dead = 1;
    } else if (opcode == 9) {
      head(c, 0x8A, n);
      put(c, payload, n);
    } else if (opcode <= 2 && c->mode == ECHO) {
      head(c, p[0], n);
      put(c, payload, n);
    } else if (opcode <= 2) {
      c->flooding = 1;
    }
    at += h + n;
  }
  if (at) {
    memmove(c->in, c->in + at, c->in_length - at);
    c->in_length -= at;
  }
}

static void readable(conn *c) {
  for (int round = 0; round < 4; round++) {
    need(&c->in, &c->in_capacity, c->in_length + 1024);
    if (c->mode != HTTP && c->in_capacity < 65536 && c->in_length == c->in_capacity) need(&c->in, &c->in_capacity, 65536);
    size_t room = c->in_capacity - c->in_length;
    ssize_t got = read(c->fd, c->in + c->in_length, room);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) c->dead = 1;
      return;
    }
    c->in_length += got;
    if ((size_t)got == room && c->in_capacity < (1 << 18)) need(&c->in, &c->in_capacity, c->in_capacity * 2);
    if (c->mode == HTTP) http(c);
    if (c->mode != HTTP) frames(c);
    if (c->dead || (size_t)got < room) return;
  }
}

static void accept_all(int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn *c = calloc(1, sizeof *c);
    c->fd = fd;
    struct epoll_event e = {EPOLLIN, {.ptr = c}};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (void *)&a, sizeof a) || listen(listener, 16384)) {
    perror("bind");
    return 1;
  }
  ep = epoll_create1(0);
  struct epoll_event e = {EPOLLIN, {.ptr = NULL}};
  epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
  struct epoll_event ev[512];
  while (1) {
    int n = epoll_wait(ep, ev, 512, -1);
    for (int i = 0; i < n; i++) {
      conn *c = ev[i].data.ptr;
      if (!c) {
        accept_all(listener);
        continue;
      }
      if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
      if (!c->dead || c->out_length) flush(c);
      if (c->dead) {
        close(c->fd);
        free(c->in);
        free(c->out);
        free(c);
      }
    }
  }
}
