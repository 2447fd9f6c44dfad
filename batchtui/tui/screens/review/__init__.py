"""Judging answers one after the other."""
