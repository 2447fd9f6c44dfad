"""The wire: what the Message Batches API says, as frozen values and one tree of errors."""
