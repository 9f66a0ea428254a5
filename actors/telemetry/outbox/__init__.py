"""Letters on disk until every sink has confirmed them. See docs/adr/0013-the-outbox.md."""
