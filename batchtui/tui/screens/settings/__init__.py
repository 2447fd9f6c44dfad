"""The settings: what counts, where it comes from, and changing it."""
