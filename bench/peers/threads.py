"""The server that chat tutorials teach: a thread for each client, no framing, no log.  threads.py PORT."""

import socket
import sys
import threading
from contextlib import suppress

clients: dict[socket.socket, str] = {}


def broadcast(message: bytes) -> None:
    """Send it to one after the other, from whichever thread got it."""
    for client in list(clients):
        with suppress(OSError):
            client.sendall(message)


def serve(client: socket.socket) -> None:
    """Pass on whatever comes in, as it comes in, until the client is gone."""
    with client, suppress(OSError):
        while message := client.recv(1024):
            broadcast(message)
    nick = clients.pop(client)
    broadcast(f"{nick} left!".encode())


def main(port: int) -> None:
    """Ask each one who connects for a nickname, and give them a thread."""
    with socket.create_server(("127.0.0.1", port), backlog=4096) as server:
        while True:
            client, _ = server.accept()
            client.sendall(b"NICK")
            clients[client] = client.recv(1024).decode("ascii")
            broadcast(f"{clients[client]} joined!".encode())
            client.sendall(b"Connected to server!")
            threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
