"""Kiosk Server: one back-office box that runs every terminal of a store over the LAN."""

__version__ = "0.1.0"
