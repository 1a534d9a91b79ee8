"""What a server's processes hold after a thousand requests: VmRSS, and PSS, in which memory shared with others counts by
its share."""
import pathlib

import question

REQUESTS = 1000


def kib(path, key):
    text = pathlib.Path(path).read_text(encoding="ascii")
    return int(text.split(f"{key}:")[1].split()[0])


def rss_bytes(server):
    """Of all its processes."""
    return 1024 * sum(kib(f"/proc/{pid}/status", "VmRSS") for pid in server.pids())


def measure(server):
    """`server` is running. Bytes, over all its processes."""
    client = server.client()
    for _ in range(REQUESTS):
        question.ask(client)
    pids = server.pids()
    client.close()
    return {"rss_bytes": rss_bytes(server),
            "pss_bytes": 1024 * sum(kib(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids), "processes": len(pids)}
