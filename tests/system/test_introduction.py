"""Where others read how to reach the server: it may not be possible to write it down, or to take it away again."""

import threading
from pathlib import Path

import pytest

from kiosk_server.introduction import Introduction
from kiosk_server.note import ServerNote, note_path, read_note

NOTE = ServerNote(pid=1, url="http://127.0.0.1:8080", token="t")
PATIENCE_S = 30


def test_note_is_there_within_and_gone_after(tmp_path: Path) -> None:
    told: list[str] = []
    with Introduction(tmp_path, NOTE, told.append):
        assert read_note(tmp_path) == NOTE
        assert told == [NOTE.url]
    assert read_note(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_it_is_tried_until_it_can_be_done(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    note_path(tmp_path).mkdir()  # nothing can take its place
    is_told = threading.Event()
    with Introduction(tmp_path, NOTE, lambda _: is_told.set()):
        assert "cannot be written down" in caplog.text
        assert not is_told.is_set()
        note_path(tmp_path).rmdir()
        assert is_told.wait(PATIENCE_S)
        assert read_note(tmp_path) == NOTE
    assert read_note(tmp_path) is None


def test_a_server_that_leaves_tries_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    note_path(tmp_path).mkdir()
    introduction = Introduction(tmp_path, NOTE, lambda _: None)
    with introduction:
        pass
    assert not introduction._thread.is_alive()
    assert "stays behind" in caplog.text, "and what it cannot take away is no reason not to end"
    assert note_path(tmp_path).is_dir()
