"""Ways into the chat: a Protocol and its Factory each; start with line.py."""
