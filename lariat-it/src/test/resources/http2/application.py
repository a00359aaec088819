"""An ASGI application for hypercorn, whose HTTP/2 is python-h2's."""

import os

FOLDER = "${folder}/www"
CHUNK = 1 << 18


async def application(scope, receive, send):
    if scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["type"] == "websocket":
        await echo(receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def http(scope, receive, send):
    async def answer(status, body=b"", *headers):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    path = scope["path"]
    if path == "/length":
        length, more = 0, True
        while more:
            message = await receive()
            length += len(message.get("body", b""))
            more = message.get("more_body", False)
        await answer(200, f"{scope['method']} {length} ".encode())
    elif path == "/empty":
        await answer(204)
    elif any(name == b"if-modified-since" for name, _ in scope["headers"]):
        await answer(304)
    else:
        await file(scope["method"], FOLDER + path, send)


async def file(method, path, send):
    headers = [
        (b"content-length", str(os.path.getsize(path)).encode()),
        (b"last-modified", b"Sun, 06 Nov 1994 08:49:37 GMT"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if method != "HEAD":
        with open(path, "rb") as opened:
            while part := opened.read(CHUNK):
                await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def echo(receive, send):
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            message["type"] = "websocket.send"
            await send(message)
        else:
            return


async def lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
