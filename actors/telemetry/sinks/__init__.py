"""What takes letters from the outbox to where they are wanted: each sink in a thread of its own."""
