"""From starting a server's process to its first correct answer over HTTP, with everything in the page cache. Servers take
turns, so that what disturbs the machine for a while disturbs both."""
import http.client
import time

import question
import server

WARM_UP = 2  # starts thrown away: they fill the page cache
RETRY_S = 0.0005


def start_ms(make):
    """One start; `make` is given the port."""
    port = server.free_port()
    one = make(port)
    one.read_port = None  # nobody reads what it says: connecting is how one knows that it is there
    began = time.perf_counter()
    one.begin()
    try:
        while True:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=server.START_S)
            try:
                question.ask(client)
                return (time.perf_counter() - began) * 1000
            except (ConnectionRefusedError, question.NotReady):
                if one.process.poll() is not None or time.perf_counter() - began > server.START_S:
                    raise RuntimeError(f"{one.label} did not start: {one.command_text()}") from None
                time.sleep(RETRY_S)
            finally:
                client.close()
    finally:
        one.__exit__()


def measure(makes, rounds, on_round):
    """`makes`: functions from a port to a server. The milliseconds of each start, a list for each of `makes`."""
    for make in makes:
        for _ in range(WARM_UP):
            start_ms(make)
    samples = [[] for _ in makes]
    for index in range(rounds):
        on_round(index + 1, rounds)
        order = range(len(makes)) if index % 2 == 0 else reversed(range(len(makes)))
        for at in order:
            samples[at].append(start_ms(makes[at]))
    return samples
