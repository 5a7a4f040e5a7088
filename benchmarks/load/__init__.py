"""The load generator: a process of its own, one for each server, the same code for every peer."""
