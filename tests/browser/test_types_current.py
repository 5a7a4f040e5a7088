"""The generated TypeScript types are those of the structs as they are now."""

from kiosk_server.edge.typescript import TARGET, render


def test_types_ts_matches_the_structs() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(), "run: python -m kiosk_server.edge.typescript"
