"""A terminal app over the Message Batches API."""

__version__ = "0.1.0"
