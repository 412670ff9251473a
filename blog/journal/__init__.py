"""What happened, and what follows from it: the append-only journal and the outbox of jobs."""
