"""Counters of the counter: what `/metrics` and the console show of it."""

import msgspec


class Stats(msgspec.Struct):
    """Counted since the start of the process; written by one thread, read by any."""

    commands: int = 0
    replayed: int = 0  # answers given again for a key already known
    refused: int = 0
    failed: int = 0  # answered `internal`: a fault of ours, logged with its traceback
    busy: int = 0
    read_only: int = 0
    commits: int = 0
    entries: int = 0
    checkpoints: int = 0
    largest_batch: int = 0
    commit_s: float = 0.0  # the sum, for a mean: what the disk costs
    last_commit_s: float = 0.0
    log_pages: int = 0  # of the write-ahead log at the last checkpoint
