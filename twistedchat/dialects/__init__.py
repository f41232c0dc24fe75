"""How events look as bytes, and bytes as requests: frozen values, no sockets, no state."""
