"""Servers that tcpchat is measured beside: two of our own writing, and settings for two others."""
