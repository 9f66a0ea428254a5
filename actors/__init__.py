"""One package a stage, one process an actor: `python -m actors.<stage>`."""
