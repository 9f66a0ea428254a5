"""What the frame pools will take (arithmetic; the sizes of other sources are theirs to say)."""

from actors.config import Camera, Config

SCENE_SIZE = (1280, 720)
POOLS_PER_CAMERA = 2  # the camera's and the overlay's


def size_of(camera: Camera) -> tuple[int, int] | None:
    """Width and height, if they are known before the source is opened."""
    if camera.width and camera.height:
        return camera.width, camera.height
    return SCENE_SIZE if camera.address.kind == "scene" else None


def pools_bytes(config: Config) -> dict[str, int]:
    """By camera, for those whose size is known."""
    from bus.layout import layout  # noqa: PLC0415 brings NumPy and OpenCV, and commands are quick

    sizes = {camera.name: size_of(camera) for camera in config.camera}
    return {
        name: POOLS_PER_CAMERA
        * layout(0, size, config.frames.slots, checksummed=config.frames.checksum).total_bytes
        for name, size in sizes.items()
        if size
    }
