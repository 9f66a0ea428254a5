"""`retinue model …`: versions, the slots that run them, and packages."""
