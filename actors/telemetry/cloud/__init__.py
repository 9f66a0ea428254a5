"""What comes from the cloud and what answers it: twin, direct methods, input messages."""
