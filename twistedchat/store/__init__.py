"""The log, and what can be asked of it."""
