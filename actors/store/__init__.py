"""The store of admitted packages on disk, and which of them each slot runs."""
