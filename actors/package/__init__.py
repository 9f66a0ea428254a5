"""What a model package is: read, checked, unpacked, signed. Shared by all who meet one."""


class PackageError(Exception):
    """Why a package cannot be used, in one sentence."""
