"""The client alone: values, a connection in memory, a clock that is turned by hand."""
