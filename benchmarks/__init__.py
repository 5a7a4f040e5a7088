"""Figures of Kiosk Server, measured beside its peers. `python -m benchmarks` is the only way in."""
