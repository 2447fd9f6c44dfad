"""Kills the real program at random instants of its life, and looks at what is left."""
