"""What a model package is: read, checked, unpacked, signed. Shared by all who meet one."""
