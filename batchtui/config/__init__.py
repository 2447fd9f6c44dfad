"""Settings, profiles, keys and themes: what the user's files say, as plain values."""
