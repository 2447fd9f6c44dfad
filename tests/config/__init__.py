"""Settings, profiles, keys and themes."""
