"""The drawings are made from the tables, so they cannot tell another story."""

from pathlib import Path

from kiosk_server.domain import diagrams


def test_readme_of_the_domain_is_what_the_tables_say() -> None:
    readme = Path(diagrams.__file__).with_name("README.md")
    renew = "python -m kiosk_server.domain.diagrams > kiosk_server/domain/README.md"
    assert readme.read_text() == diagrams.document(), f"stale; run: {renew}"
