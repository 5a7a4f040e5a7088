"""The figures of `kiosk_server.transport`, one module for each question asked of it."""
