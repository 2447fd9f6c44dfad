"""Questions to the user: small screens over the one that asks."""
