"""Who people are: users, sessions, tokens."""
