"""A long random walk through the real program, with everything going wrong that may."""
