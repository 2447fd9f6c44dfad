"""The way in: read, validate, split, send, and send again."""
