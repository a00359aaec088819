# A feed of ticks: "sub a b" subscribes, each topic is acknowledged with a channel of this connection, and each has a tick
# every 5 ms: "# CHANNEL TOPIC NUMBER". The number is the server's own, so that a reader sees what it has missed.
# ticker.py PORT: at most 50 topics on a connection.
import asyncio
import sys

import websockets

MOST = 50


async def tick(socket, channels):
    number = 0
    while True:
        number += 1
        for topic, channel in list(channels.items()):
            await socket.send(f"# {channel} {topic} {number}")
        await asyncio.sleep(0.005)


async def serve(socket):
    channels = {}
    ticking = asyncio.create_task(tick(socket, channels))
    made = 0
    try:
        async for text in socket:
            command, *words = text.split(" ")
            for word in words:
                if command == "unsub":
                    for topic in [its for its, channel in channels.items() if channel == int(word)]:
                        del channels[topic]
                elif word.startswith("x") or word in channels or len(channels) == MOST:
                    await socket.send(f"error {word} refused")
                else:
                    made += 1
                    await socket.send(f"subscribed {word} {made}")
                    channels[word] = made
    except websockets.exceptions.ConnectionClosed:
        pass
    finally:
        ticking.cancel()


async def main():
    async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1])):
        await asyncio.Future()


asyncio.run(main())
