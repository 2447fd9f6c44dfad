"""Answers as data: the one JSON value in each answer, its fields as columns, and groups of rows."""
