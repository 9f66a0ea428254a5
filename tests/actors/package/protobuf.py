"""Messages of protocol buffers, written by hand, and ONNX models made of them."""


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def held(number: int, *parts: bytes) -> bytes:
    """A field with a length: a string or a message."""
    data = b"".join(parts)
    return varint(number << 3 | 2) + varint(len(data)) + data


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def said(key: bytes, value: bytes) -> bytes:
    """An entry of `external_data`."""
    return held(13, held(1, key), held(2, value))


def tensor(location: bytes) -> bytes:
    """The inside of a TensorProto whose data lies elsewhere."""
    name, elsewhere = held(8, b"weights"), number(14, 1)
    return name + said(b"offset", b"16") + said(b"location", location) + elsewhere


def model(*graph: bytes) -> bytes:
    return number(1, 10) + held(2, b"test") + held(7, *graph) + held(8, number(2, 18))


def with_weights_in(*locations: str) -> bytes:
    return model(*(held(5, tensor(location.encode())) for location in locations))
