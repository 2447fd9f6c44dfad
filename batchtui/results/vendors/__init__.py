"""Answers of other vendors."""
