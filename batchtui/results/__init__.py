"""One batch's results: downloaded, proven complete, indexed, searched, explained and taken out."""
