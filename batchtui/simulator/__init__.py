"""A Message Batches API in memory: a state machine, scenarios, faults, an ASGI app, transports."""
