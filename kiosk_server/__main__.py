"""`python -m kiosk_server`: the same as `kiosk-server`."""

from kiosk_server.cli import main

if __name__ == "__main__":
    main()
