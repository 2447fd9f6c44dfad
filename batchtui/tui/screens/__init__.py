"""Screens: each holds state and services, hands values to its widgets and runs its workers."""
