"""What this device's actors are to supervisord, and how they are stopped and started through it."""
