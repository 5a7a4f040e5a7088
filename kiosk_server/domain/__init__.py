"""The rules of a store as plain values: no I/O, no clock, no randomness.

Times and identifiers are handed in by the caller; every decision comes back as a list of events.
"""
