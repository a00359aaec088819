// A small HTTP/1.1 server (one thread, epoll), used only to load clients, for what nginx does not do.
//   POST /sink?size=N   reads the body, by length or chunked, and forgets it; 200 if it had N bytes, 400 if not
//   GET /hold           is not answered before
//   GET /release?n=N    which itself waits until N requests are held, then answers them all
//   GET /small          is answered with 128 bytes
//   CONNECT anything    is accepted: this is the proxy before itself, and costs nothing after that
// Usage: httpserver PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER };

typedef struct conn {
  int fd, state, dead, held;
  size_t head_length;
  long size, got, left, line; // the body that is expected and that came; of the part or the chunk; of a trailer line
  struct conn *next;          // of those that are held
  char head[4096];
} conn;

static int ep, held, wanted;
static conn *waiting, *releasing;

static void answer(conn *c, const char *status, int body) {
  char text[512];
  int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n", status, body);
  memset(text + n, 'x', body);
  if (send(c->fd, text, n + body, MSG_NOSIGNAL) != n + body) c->dead = 1; // it fits where nothing else waits
  c->state = HEAD;
  c->head_length = 0;
}

static void release(void) {
  if (!releasing || held < wanted) return;
  while (waiting) {
    conn *c = waiting;
    waiting = c->next;
    c->held = 0;
    answer(c, "200 OK", 128);
  }
  held = 0;
  answer(releasing, "200 OK", 0);
  releasing = NULL;
}

static long query(const char *head, const char *name) {
  const char *p = strstr(head, name);
  return p ? atol(p + strlen(name)) : 0;
}

static void end(conn *c) { answer(c, c->got == c->size ? "200 OK" : "400 Bad Request", 0); }

static void begin(conn *c) {
  c->head[c->head_length] = 0;
  c->got = 0;
  if (!strncmp(c->head, "POST /sink?", 11)) {
    c->size = query(c->head, "?size=");
    const char *length = strcasestr(c->head, "\ncontent-length:");
    c->left = length ? atol(length + 16) : 0;
    c->state = length ? BODY : CHUNK_SIZE;
    if (length && !c->left) end(c);
  } else if (!strncmp(c->head, "GET /hold ", 10)) {
    c->held = 1;
    c->next = waiting;
    waiting = c;
    held++;
    release();
  } else if (!strncmp(c->head, "GET /release?", 13)) {
    releasing = c;
    wanted = query(c->head, "?n=");
    release();
  } else if (!strncmp(c->head, "GET /small ", 11)) {
    answer(c, "200 OK", 128);
  } else if (!strncmp(c->head, "CONNECT ", 8)) {
    answer(c, "200 OK", 0); // a length says nothing here (RFC 9110 section 9.3.6)
  } else {
    answer(c, "404 Not Found", 0);
  }
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

static void received(conn *c, const char *p, size_t n) {
  while (n && !c->dead) {
    size_t used = 1;
    switch (c->state) {
      case HEAD:
        if (c->held || c == releasing || c->head_length == sizeof c->head - 1) { // pipelined, or too long
          c->dead = 1;
          break;
        }
        c->head[c->head_length++] = *p;
        if (c->head_length >= 4 && !memcmp(c->head + c->head_length - 4, "\r\n\r\n", 4)) begin(c);
        break;
      case BODY:
      case CHUNK:
        used = n < (size_t)c->left ? n : (size_t)c->left;
        c->got += used;
        c->left -= used;
        if (!c->left && c->state == BODY) end(c);
        else if (!c->left) c->state = CHUNK_END;
        break;
      case CHUNK_SIZE:
        if (digit(*p) >= 0) c->left = c->left * 16 + digit(*p);
        if (*p == '\n') c->state = c->left ? CHUNK : TRAILER;
        c->line = 0;
        break;
      case CHUNK_END:
        if (*p == '\n') c->state = CHUNK_SIZE;
        break;
      case TRAILER:
        if (*p == '\n' && !c->line) end(c);
        else if (*p == '\n') c->line = 0;
        else if (*p != '\r') c->line++;
        break;
    }
    p += used;
    n -= used;
  }
}

static void readable(conn *c) {
  static char in[256 << 10];
  ssize_t got = read(c->fd, in, sizeof in);
  if (got > 0) {
    received(c, in, got);
  } else if (got == 0 || errno != EAGAIN) {
    c->dead = 1;
  }
}

static void forget(conn *c) {
  for (conn **p = &waiting; *p; p = &(*p)->next) {
    if (*p == c) {
      *p = c->next;
      held--;
      break;
    }
  }
  if (releasing == c) releasing = NULL;
  close(c->fd);
  free(c);
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
      readable(c);
      if (c->dead) forget(c);
    }
  }
}
