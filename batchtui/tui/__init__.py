"""The terminal app: everything that draws, and nothing that decides."""
