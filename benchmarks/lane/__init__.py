"""The lane's screen in a real Chromium: how soon it is there, how soon it answers, whether it stays as it is."""
