"""How many bytes a picture in I420 takes (arithmetic: no library is needed to know it)."""


def chroma_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of a chroma plane."""
    return (width + 1) // 2, (height + 1) // 2


def size_bytes(width: int, height: int) -> int:
    """Bytes of one picture, planes back to back."""
    chroma_width, chroma_height = chroma_size(width, height)
    return width * height + 2 * chroma_width * chroma_height
