"""What is kept on this disk: the ledger, and the store of results files."""
