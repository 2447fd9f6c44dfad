"""The results of a batch, or of a file: rows, tabs, query, and a reader."""
