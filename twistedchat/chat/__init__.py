"""The chat itself: no Twisted, no sockets, no clock, no files, no bytes."""
