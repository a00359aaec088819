"""A WebSocket server on python3-websockets whose paths say what it does.

usage: peer.py PLAIN_PORT TLS_PORT UNIX_SOCKET CERTIFICATE KEY
"""

import asyncio
import collections
import contextlib
import hashlib
import http
import itertools
import os
import ssl
import sys
import urllib.parse
import urllib.request

import websockets

goodbyes = collections.defaultdict(asyncio.Queue)  # by the name that the client gave
sent = collections.Counter()
visits = itertools.count(1)


async def echo(socket, query):
    async for message in socket:
        await socket.send(message)


async def ledger(socket, query):
    # What it got is in the file before it is acknowledged, and stays there when this process is killed.
    visit = f"{os.getpid()}.{next(visits)}"
    file = os.open(query["file"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        async for message in socket:
            name, number = message.split(" ", 2)[:2]
            os.write(file, f"{visit} {name} {number}\n".encode())
            await socket.send(f"ok {number}")
    except websockets.ConnectionClosedError:
        pass
    finally:
        os.close(file)


async def digest(socket, query):
    async for message in socket:
        kind = type(message).__name__
        data = message.encode() if kind == "str" else message
        await socket.send(f"{kind} {len(data)} {hashlib.sha256(data).hexdigest()}")


async def fragments(socket, query):
    size = int(query["size"])
    async for message in socket:
        await socket.send([message[i : i + size] for i in range(0, len(message), size)])


async def pings(socket, query):
    async for message in socket:
        pong = await socket.ping(message)
        await pong
        await socket.send("ponged " + message)


async def subprotocol(socket, query):
    await socket.send(str(socket.subprotocol))
    await socket.wait_closed()


async def header(socket, query):
    await socket.send(", ".join(socket.request_headers.get_all(query["name"])))
    await socket.wait_closed()


async def close(socket, query):
    await socket.close(int(query["code"]), query["text"])


async def watched(socket, query):
    await socket.send("watching")
    await socket.wait_closed()
    goodbyes[query["name"]].put_nowait(f"{socket.close_code} {socket.close_reason}".strip())


async def watchedEcho(socket, query):
    with contextlib.suppress(websockets.ConnectionClosedError):
        await echo(socket, query)
    goodbyes[query["name"]].put_nowait(f"{socket.close_code} {socket.close_reason}".strip())


async def goodbye(socket, query):
    await socket.send(await goodbyes[query["name"]].get())
    await socket.wait_closed()


async def stuck(socket, query):
    await asyncio.get_running_loop().create_future()


async def flood(socket, query):
    for index in range(int(query["count"])):
        await socket.send(index.to_bytes(4, "big").ljust(int(query["size"]), b"."))
        sent[query["name"]] += 1
    await socket.wait_closed()


async def progress(socket, query):
    async for name in socket:
        await socket.send(str(sent[name]))


async def handle(socket):
    url = urllib.parse.urlsplit(socket.path)
    query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    await globals()[url.path.strip("/").partition("/")[0]](socket, query)


async def refuse(path, headers):
    if path.startswith("/status/"):
        return http.HTTPStatus(int(path.removeprefix("/status/"))), [], b"not here\n"
    if path.startswith("/digest/"):
        return digested(path, headers)


def digested(path, headers):
    algorithm = path.removeprefix("/digest/")
    name, session, _ = algorithm.lower().partition("-sess")

    def hash(text):
        return hashlib.new({"sha-512-256": "sha512_256"}.get(name, name.replace("-", "")), text.encode()).hexdigest()

    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    shown = headers.get("Authorization", "")
    if shown.startswith("Digest "):
        given = urllib.request.parse_keqv_list(urllib.request.parse_http_list(shown.removeprefix("Digest ")))
        secret = hash("Mufasa:lions:Circle of Life")
        if session:
            secret = hash(f"{secret}:{nonce}:{given['cnonce']}")
        what = hash(f"GET:{path}")
        wanted = hash(f"{secret}:{nonce}:{given['nc']}:{given['cnonce']}:auth:{what}")
        if given["response"] == wanted and given["nonce"] == nonce and given["uri"] == path:
            if "Upgrade" in headers:
                return None
            return http.HTTPStatus.OK, [], f"count {int(given['nc'], 16)}\n".encode()
    challenge = f'Digest realm="lions", qop="auth", algorithm={algorithm}, nonce="{nonce}"'
    return http.HTTPStatus.UNAUTHORIZED, [("WWW-Authenticate", challenge)], b"who are you?\n"


async def main(plain, secure, unix, certificate, key):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    options = {
        "process_request": refuse,
        "subprotocols": ["chat.v2", "chat.v1"],
        "max_size": None,
        "max_queue": 4,
        "ping_interval": None,
        "close_timeout": 2,
    }
    async with websockets.serve(handle, "127.0.0.1", int(plain), **options):
        async with websockets.serve(handle, "127.0.0.1", int(secure), ssl=tls, **options):
            async with websockets.unix_serve(handle, unix, **options):
                await asyncio.get_running_loop().create_future()


asyncio.run(main(*sys.argv[1:]))
