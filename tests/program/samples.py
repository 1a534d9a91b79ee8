"""Arrays and pictures as bytes: .npy files, packed floats, and PNG files that are what they say or are not."""
import pathlib
import struct
import zlib

CODES = {"f4": "f", "f8": "d", "i8": "q", "i4": "i", "u1": "B", "b1": "?"}


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


def unpack_floats(data):
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def npy_bytes(descr, shape, values):
    dims = "".join(f"{dim}, " for dim in shape)
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    data = struct.pack(f"<{len(values)}{CODES[descr[1:]]}", *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def read_npy(path):
    """(descr, shape, values) of a .npy file, which must have nothing after its values."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    size, = struct.unpack("<H", data[8:10])
    words = data[10:10 + size].decode()
    descr = words.split("'descr': '")[1].split("'")[0]
    shape = tuple(int(dim) for dim in words.split("(")[1].split(")")[0].split(",") if dim.strip())
    payload = data[10 + size:]
    if descr.startswith("|S"):
        width = int(descr[2:])
        return descr, shape, [payload[i:i + width].rstrip(b"\0") for i in range(0, len(payload), width)]
    code = CODES[descr[1:]]
    return descr, shape, list(struct.unpack(f"<{len(payload) // struct.calcsize(code)}{code}", payload))


def png_bytes(width, height, pixels):
    """A grey PNG that says it is `width` by `height` and holds `pixels`, whether or not that is true."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + pixels[at:at + width] for at in range(0, len(pixels), max(width, 1)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
