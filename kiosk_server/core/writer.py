"""The one thread that writes. All that waits, up to a limit, goes into one transaction and one sync of the disk.

    take what waits -> BEGIN IMMEDIATE -> do each -> COMMIT -> have the publisher answer and tell -> checkpoint

What the commands of a batch write is written together at its end, or when one of them asks (store/pen.py). A command is
refused before it writes anything, nearly always, and then there is nothing to take back. One that fails after it wrote
has spoilt the batch: the batch is undone and done once more with a savepoint for each command and each row written at
once, so that this one rolls back alone. A disk that fails undoes the whole batch: everybody in it hears read_only, and
the writer tries again by itself until the disk is well.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from kiosk_server.core.clock import Clock
from kiosk_server.core.desk import Desk, Handler
from kiosk_server.core.publisher import Publisher
from kiosk_server.core.reply import Reply
from kiosk_server.core.stats import Stats
from kiosk_server.core.waiting import CLOSE, Probe, Waiting
from kiosk_server.domain.commands import Command
from kiosk_server.domain.errors import KeyReused, ReadOnly, Refusal
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.sentence import Sentence
from kiosk_server.store.db import Database
from kiosk_server.store.faults import is_of_disk
from kiosk_server.store.journal import Appender, Entry
from kiosk_server.store.keys import Keys
from kiosk_server.store.memory import RememberingRepositories
from kiosk_server.store.repositories import driver_of

log = logging.getLogger(__name__)

BATCH_LIMIT = 256
CHECKPOINT_COMMANDS = 2_000
PURGE_INTERVAL_S = 600.0
DISK_INTERVAL_S = 1.0

_DISK_FAILS = "the disk of the store fails ({problem})"
_DISK_FULL = "the disk of the store is full ({free} MiB are free, {least} are needed)"
_FAULT = "the server has a fault, which its log names ({problem})"
_DAMAGED = "the store is damaged ({damage}); stop the server, which will name the last good backup"

_encode = msgspec.json.Encoder().encode


class _Spoilt(Exception):  # noqa: N818 - not an error: the batch is done again
    """A command failed and may have written something, and there is no savepoint to go back to."""


class Writer:
    """Owns the store's writing connection from `start` to the end of `join`."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        clock: Clock,
        *,
        handlers: Mapping[type[Command], Handler],
        waiting: "queue.SimpleQueue[Waiting | None]",
        publisher: Publisher,
        probe_interval_s: float,
    ) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock
        self._handlers = handlers
        self._queue = waiting
        self._publisher = publisher
        self._probe_interval_s = probe_interval_s
        self._driver = driver_of(database.writer)
        self._repositories = RememberingRepositories(database.writer)
        self._appender = Appender(self._driver)
        self._keys = Keys(self._driver, clock.monotonic_s)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._is_closing = False
        self._probe_at = self._purge_at = self._disk_at = 0.0
        self._since_checkpoint = 0
        self._is_condemned = False
        self._verdict = threading.RLock()  # between the writing thread and whoever condemns
        self.is_disk_low = False
        self.head_seq = self._appender.head.seq
        self.trouble: Sentence | None = None
        self.stats = Stats()

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def condemn(self, damage: str) -> None:
        """Stop selling for good: the file is damaged, and every further row would be lost with it. From any thread."""
        with self._verdict:
            self._fall(Sentence("damaged", _DAMAGED, damage=damage))
            self._is_condemned = True

    # -- the loop --

    def _run(self) -> None:
        while not self._is_closing:
            batch = self._take()
            try:
                self._serve(batch)
            except Exception as problem:  # whatever it is, the next customer must still be served
                log.exception("the writer failed outside a command")
                self._abandon(batch, problem)

    def _take(self) -> list[Waiting]:
        """Wait for the first command, then take what has gathered. Empty while in trouble: time for a probe."""
        batch: list[Waiting] = []
        timeout_s = self._probe_interval_s if self.trouble else None
        with suppress(queue.Empty):
            waiting = self._queue.get(timeout=timeout_s)
            while waiting is not CLOSE:
                batch.append(waiting)
                if len(batch) == BATCH_LIMIT:
                    return batch
                waiting = self._queue.get_nowait()
            self._is_closing = True
        return batch

    def _serve(self, batch: list[Waiting]) -> None:
        self._watch_disk()
        if self.trouble and not self._has_recovered():
            self._answer_read_only(batch)
            return
        if not batch:
            return
        try:
            replies, entries = self._write(batch)
        except (sqlite3.Error, OSError) as problem:
            self._abandon(batch, problem)
            return
        self._publisher.publish(list(zip(batch, replies, strict=True)), entries)
        done = len(batch)
        batch.clear()  # whatever fails from here on, they have their answers
        self._tidy(done)

    def _write(self, batch: list[Waiting]) -> tuple[list[Reply], list[Entry]]:
        """One transaction. Raises sqlite3.Error or OSError; then the caller undoes it."""
        driver, stats = self._driver, self.stats
        refused, replayed = stats.refused, stats.replayed
        try:
            replies, entries = self._begin(batch, has_savepoints=False)
        except _Spoilt:
            self._undo()
            stats.refused, stats.replayed = refused, replayed
            replies, entries = self._begin(batch, has_savepoints=True)
        self._purge()
        began_s = self._clock.monotonic_s()
        driver.execute("COMMIT")
        stats.last_commit_s = self._clock.monotonic_s() - began_s
        stats.commit_s += stats.last_commit_s
        stats.commits += 1
        stats.commands += len(batch)
        stats.entries += len(entries)
        stats.largest_batch = max(stats.largest_batch, len(batch))
        self.head_seq = self._appender.head.seq
        if entries:
            self._raise_tidemark()
        return replies, entries

    def _begin(self, batch: list[Waiting], *, has_savepoints: bool) -> tuple[list[Reply], list[Entry]]:
        """Everything of a transaction but its end."""
        entries: list[Entry] = []
        self._driver.is_patient = not has_savepoints
        self._driver.execute("BEGIN IMMEDIATE")
        self._keys.begin((waiting.identity.name, waiting.key) for waiting in batch)
        do = self._do_apart if has_savepoints else self._do
        replies = [do(waiting, entries) for waiting in batch]
        self._flush()
        return replies, entries

    def _flush(self) -> None:
        """Write what waits. Raises _Spoilt where a row of some command cannot be written, whatever is wrong with it."""
        try:
            self._driver.flush()
        except Exception as problem:
            if is_of_disk(problem):
                raise
            raise _Spoilt from problem

    # -- one command --

    def _do_apart(self, waiting: Waiting, entries: list[Entry]) -> Reply:
        """Do one command in its own savepoint."""
        head = self._appender.head
        self._driver.execute("SAVEPOINT command")
        try:
            return self._do(waiting, entries)
        except _Spoilt as spoilt:
            self._driver.execute("ROLLBACK TO command")
            self._appender.head = head
            self._repositories.forget()
            problem = spoilt.__cause__
            return self._no(waiting, problem if isinstance(problem, Exception) else spoilt)
        finally:
            self._driver.execute("RELEASE command")

    def _do(self, waiting: Waiting, entries: list[Entry]) -> Reply:
        """Do one command, or give its first answer again. Raises _Spoilt from what went wrong, if it wrote before."""
        if isinstance(waiting, Probe):
            self._flush()  # a row that cannot be written is its command's fault, not the disk's
            self._keys.probe(self._clock.now_ms())
            return Reply(ok=True, seq=self._appender.head.seq)
        sender = (waiting.identity.name, waiting.key)
        known = self._keys.find(sender)
        if known is not None:
            return self._again(waiting, *known)
        changes = self._driver.changes
        now_ms = self._clock.now_ms()
        desk = Desk(
            identity=waiting.identity,
            repositories=self._repositories,
            policy=self._policy,
            now_ms=now_ms,
            new_id=self._clock.new_id,
            appender=self._appender,
            key=waiting.key,
        )
        try:
            result = self._handlers[type(waiting.command)](waiting.command, desk)
            reply = Reply(ok=True, seq=self._appender.head.seq, result=msgspec.to_builtins(result))
            stored = _encode(reply)
        except Refusal as refusal:
            if self._driver.changes != changes:
                raise _Spoilt from refusal
            return self._no(waiting, refusal)
        except Exception as problem:
            if is_of_disk(problem):
                raise
            raise _Spoilt from problem
        self._keys.remember(sender, waiting.body, stored)
        entries.extend(desk.recorded)
        return reply

    def _again(self, waiting: Waiting, body: bytes, reply: bytes) -> Reply:
        if body == waiting.body:
            self.stats.replayed += 1
            return msgspec.json.decode(reply, type=Reply)
        self.stats.refused += 1
        refusal = KeyReused(
            "This key was already used for another command. Nothing was changed. Send it with a new key.",
            key=waiting.key,
        )
        return Reply.of_refusal(refusal, self._appender.head.seq)

    def _no(self, waiting: Waiting, problem: Exception) -> Reply:
        if isinstance(problem, Refusal):
            self.stats.refused += 1
            return Reply.of_refusal(problem, self._appender.head.seq)
        self.stats.failed += 1
        name = waiting.command.__struct_config__.tag
        log.error("%s by %s failed, key %s", name, waiting.identity.name, waiting.key, exc_info=problem)
        return Reply(
            ok=False,
            seq=self._appender.head.seq,
            code="internal",
            message="This could not be done because of a fault in the server. Nothing was changed. "
            "Try once more; if it happens again, call the manager: the server's log names the place.",
        )

    # -- answers --

    def _answer_read_only(self, batch: list[Waiting]) -> None:
        self.stats.read_only += len(batch)
        refusal = ReadOnly(
            f"Nothing can be saved now: {self.trouble}. Nothing was changed. "
            f"Call the manager; selling goes on by itself as soon as this is repaired.",
            retry_after_s=max(1, round(self._probe_interval_s)),
        )
        reply = Reply.of_refusal(refusal, self.head_seq)
        for waiting in batch:
            if not waiting.future.done():
                waiting.future.set_result(reply)

    # -- trouble --

    def _abandon(self, batch: list[Waiting], problem: Exception) -> None:
        """Undo the batch and become read-only. Nobody in it was told yes."""
        self._undo()
        is_disk = isinstance(problem, sqlite3.Error | OSError)
        self._fall(
            Sentence("disk_fails", _DISK_FAILS, problem=problem)
            if is_disk
            else Sentence("fault", _FAULT, problem=problem)
        )
        self._answer_read_only(batch)

    def _fall(self, trouble: Sentence) -> None:
        """Become or stay read-only, and say why where that is new. Nothing lesser hides that the store is condemned."""
        with self._verdict:
            if not self._is_condemned and self.trouble != trouble:
                log.error("the store is read-only: %s", trouble)
                self.trouble = trouble
                self._publisher.publish_trouble(trouble)
            self._probe_at = self._clock.monotonic_s() + self._probe_interval_s

    def _rise(self) -> bool:
        """Sell again, unless the store was condemned while the probe ran."""
        with self._verdict:
            if self._is_condemned:
                return False
            log.warning("the store can be written again; it was read-only: %s", self.trouble)
            self.trouble = None
            self._publisher.publish_trouble(None)
            return True

    def _undo(self) -> None:
        self._repositories.forget()
        self._driver.drop()
        with suppress(sqlite3.Error):
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            self._appender.reload()

    def _has_recovered(self) -> bool:
        """Try a real write, not more often than the interval."""
        if self._is_condemned or self._clock.monotonic_s() < self._probe_at:
            return False
        self._probe_at = self._clock.monotonic_s() + self._probe_interval_s
        if self._is_disk_short():
            return False
        try:
            self._driver.execute("BEGIN IMMEDIATE")
            self._keys.probe(self._clock.now_ms())
            self._driver.execute("COMMIT")
            self._appender.reload()
        except sqlite3.Error as problem:
            self._undo()
            self._fall(Sentence("disk_fails", _DISK_FAILS, problem=problem))
            return False
        return self._rise()

    def _watch_disk(self) -> None:
        now_s = self._clock.monotonic_s()
        if self.trouble is not None or now_s < self._disk_at:
            return
        self._disk_at = now_s + DISK_INTERVAL_S
        free, enough = self._database.free_bytes(), self._database.limits.warn_bytes
        if free < enough and not self.is_disk_low:
            log.warning("the disk of the store fills up: %s MiB are free, under %s selling stops", *self._mib(free))
        self.is_disk_low = free < enough
        if self._is_disk_short():
            self._probe_at = now_s + self._probe_interval_s

    def _mib(self, free: int) -> tuple[int, int]:
        return free >> 20, self._database.limits.stop_bytes >> 20

    def _is_disk_short(self) -> bool:
        free, least = self._database.free_bytes(), self._database.limits.stop_bytes
        if free < least:
            free_mib, least_mib = self._mib(free)
            self._fall(Sentence("disk_full", _DISK_FULL, free=free_mib, least=least_mib))
        return free < least

    # -- after the answers --

    def _raise_tidemark(self) -> None:
        try:
            self._database.tidemark.raise_to(self._appender.head)
        except OSError:
            # The commit stands. A mark that is too low only makes the next start less watchful.
            log.warning("the tidemark of the store could not be written", exc_info=True)

    def _tidy(self, commands: int) -> None:
        """Move the log into the file now and then. Never waits for a reader; what one holds back is done next time."""
        self._since_checkpoint += commands
        if self._since_checkpoint < CHECKPOINT_COMMANDS:
            return
        self._since_checkpoint = 0
        try:
            _, self.stats.log_pages, _ = self._driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self.stats.checkpoints += 1
        except sqlite3.Error as problem:
            # Everything is safe in the log; but a disk that fails here is about to fail at a commit.
            self._fall(Sentence("disk_fails", _DISK_FAILS, problem=problem))

    def _purge(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s >= self._purge_at:
            self._purge_at = now_s + PURGE_INTERVAL_S
            self._keys.forget_old()
