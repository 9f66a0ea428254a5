"""Sealed packages: opened in memory, so that plain weights never touch a disk."""
