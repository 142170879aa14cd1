"""As much of an HTTP/2 server (RFC 9113) as a test needs: answers every request with 204 and decodes no header."""

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
END_STREAM = ACK = 1
END_HEADERS = 4
# ":status: 204" is entry 9 of the static table (RFC 7541, appendix A).
NO_CONTENT = bytes([0x80 | 9])


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def serve(reader, writer, tell):
    """Calls `tell(stream, body)` for each request, until the peer goes."""
    if reader.read(len(PREFACE)) != PREFACE:
        return
    writer.write(frame(SETTINGS, 0, 0))
    bodies = {}
    while len(head := reader.read(9)) == 9:
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
        payload = reader.read(length)
        if kind in (SETTINGS, PING) and not flags & ACK:
            writer.write(frame(kind, ACK, 0, payload if kind == PING else b""))
        elif kind in (HEADERS, DATA):
            bodies[stream] = bodies.get(stream, b"") + (payload if kind == DATA else b"")
            if flags & END_STREAM:
                tell(stream, bodies.pop(stream))
                writer.write(frame(HEADERS, END_STREAM | END_HEADERS, stream, NO_CONTENT))
        elif kind == GOAWAY:
            return
