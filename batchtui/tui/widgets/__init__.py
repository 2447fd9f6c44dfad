"""Widgets: they receive values, paint lines, and post messages. They know no service."""
