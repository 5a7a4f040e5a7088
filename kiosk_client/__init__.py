"""The clients of Kiosk Server that are not a browser: they know the wire and nothing of the server's insides."""
