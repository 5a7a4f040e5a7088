"""What the guard costs, and whether those who belong notice those who do not."""
