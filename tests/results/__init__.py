"""The results of one batch."""
