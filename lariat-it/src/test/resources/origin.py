"""Python's http.server as an origin of HTTP/1.1: what it leaves to its user is here, and no more.

origin.py FOLDER CERTIFICATE KEY PLAIN IDLE TLS, the last three being ports of the loopback. IDLE
is plain too, and its connections are closed when they have been idle for a moment.
"""

import gzip
import re
import ssl
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

IDLE_SECONDS = 1


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/empty":
            self.send_response(204)
            self.end_headers()
        elif self.path.startswith("/chunked/"):
            self.chunked(self.page("/chunked"))
        elif self.path == "/trailers":
            self.chunked(b"a page\n", [("Digest", "adler32=03da0195")])
        elif self.path.startswith("/gzip/"):
            self.coded(self.page("/gzip"))
        elif "Range" in self.headers:
            self.part(self.page(""), self.headers["Range"])
        else:
            super().do_GET()

    def do_POST(self):
        body, trailers = self.body()
        if self.path == "/length":
            self.whole(200, f"{self.command} {len(body)} \n".encode())
        else:
            answer = f"{self.command} {len(body)} ".encode() + body + b" "
            answer += b"".join(name + b"=" + value + b" " for name, value in trailers)
            self.whole(200, answer)

    do_PUT = do_POST

    def page(self, prefix):
        with open(self.translate_path(self.path[len(prefix) :]), "rb") as file:
            return file.read()

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0))), []
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        trailers = []
        while line := self.rfile.readline().strip():
            name, value = line.split(b":", 1)
            trailers.append((name.lower(), value.strip()))
        return body, trailers

    def whole(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunked(self, body, trailers=()):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        for name, _ in trailers:
            self.send_header("Trailer", name)
        self.end_headers()
        for i in range(0, len(body), 10_000):
            part = body[i : i + 10_000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n")
        for name, value in trailers:
            self.wfile.write(f"{name}: {value}\r\n".encode())
        self.wfile.write(b"\r\n")

    def coded(self, body):
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.whole(200, gzip.compress(body), ("Content-Encoding", "gzip"))
        else:
            self.whole(200, body)

    def part(self, body, field):
        first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", field).groups())
        said = f"bytes {first}-{last}/{len(body)}"
        self.whole(206, body[first : last + 1], ("Content-Range", said))


class IdleHandler(Handler):
    timeout = IDLE_SECONDS


def serve(port, handler, context=None):
    def bound(*arguments):
        return handler(*arguments, directory=sys.argv[1])

    server = ThreadingHTTPServer(("127.0.0.1", port), bound)
    if context:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    threading.Thread(target=server.serve_forever).start()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
plain, idle, tls = map(int, sys.argv[4:7])
serve(plain, Handler)
serve(idle, IdleHandler)
serve(tls, Handler, context)
