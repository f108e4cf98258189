"""How the crawler hands pages over a pipe: a line of JSON, then as many bytes as it says.

A page goes as it came, so that it is decoded and parsed by the process that reads it, while the
crawler downloads the next one. A full pipe holds the crawler back.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

Head = dict[str, Any]


def send(pipe: IO[bytes], head: Head, body: bytes = b"") -> None:
    """Write one frame. Blocks while the reader has no room."""
    line = json.dumps(head | {"bytes": len(body)}).encode("ascii")
    pipe.write(b"%s\n%s" % (line, body))
    pipe.flush()


def received(pipe: IO[bytes]) -> Iterator[tuple[Head, bytes]]:
    """The frames of a pipe until it ends; one that is cut off does not count."""
    for line in pipe:
        if not line.endswith(b"\n"):
            return
        head = json.loads(line)
        body = pipe.read(head["bytes"])
        if len(body) < head["bytes"]:
            return
        yield head, body
