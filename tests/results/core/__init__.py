"""From bytes to rows: lines, index, reader, download, local files."""
