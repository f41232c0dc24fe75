"""The client of a well-known tutorial, as thousands have it on their disk; only its port is not fixed.

Nothing here is to be made better: it is what the daemon must get on with.
"""

import socket
import sys
import threading

nickname = input("Choose your nickname: ")

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", int(sys.argv[1])))


def receive() -> None:
    while True:
        try:
            message = client.recv(1024).decode("ascii")
            if message == "NICK":
                client.send(nickname.encode("ascii"))
            else:
                print(message)  # noqa: T201 - it is a program
        except:  # noqa: E722 - as it was taught
            print("An error occured!")  # noqa: T201 - it is a program
            client.close()
            break


def write() -> None:
    while True:
        message = "{}: {}".format(nickname, input(""))
        client.send(message.encode("ascii"))


receive_thread = threading.Thread(target=receive)
receive_thread.start()

write_thread = threading.Thread(target=write)
write_thread.start()
