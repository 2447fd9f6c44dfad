"""The way in: new batches, second tries, merged results, source files."""
