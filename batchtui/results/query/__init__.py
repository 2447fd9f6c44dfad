"""The query language of the results: what is typed, what it means, and the rows it finds."""
