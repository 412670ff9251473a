"""The bench counts what was answered, ends on wrong answers, and judges figures by their bounds."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench import paced, table
from bench.asking import Expected, Load, ask, get, parsed, post_form, whole_size
from bench.generate import shares
from bench.peers import Peer
from bench.serving import SITE, YARDSTICKS, run_command
from bench.table import Need, Row

PAGE = b"<p>as written</p>"


class Answers(socketserver.StreamRequestHandler):
    """Keeps its connection open and gives one answer a request; every `wrong_every`th is another page."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        while first := self.rfile.readline():
            head = first + b"".join(iter(lambda: self.rfile.readline() or b"\r\n", b"\r\n"))
            size = next(
                (int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0
            )
            server.seen.append(self.rfile.read(size))
            is_wrong = server.wrong_every and len(server.seen) % server.wrong_every == 0
            page = b"<p>another!!</p>\n" if is_wrong else PAGE
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, wrong_every: int) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.seen: list[bytes] = []
        self.wrong_every = wrong_every


@contextmanager
def serving(wrong_every: int = 0) -> Iterator[Server]:
    with Server(wrong_every) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_the_open_loop_sends_and_counts_every_request() -> None:
    with serving() as server:
        load = Load("a page", (get("/"),), Expected(holds=("as written",)))
        found = paced.measure(server.server_address[1], load, rate=200, seconds=0.3)
        assert (found.answered, len(found.times), len(server.seen)) == (60, 60, 61)  # one more was read as a sample
        assert 0 < found.percentile(0.5) <= found.percentile(0.99)


def test_the_open_loop_gives_each_text_a_number_of_its_own() -> None:
    with serving() as server:
        load = Load("a form", (post_form("/", {"text": "number @@@@@@@@@@"}),), Expected(status=200))
        paced.measure(server.server_address[1], load, rate=200, seconds=0.1, first=5_000)
        assert sorted(server.seen) == [b"text=number+%010d" % (5_000 + number) for number in range(20)]


def test_a_wrong_answer_ends_the_open_loop() -> None:
    with serving(wrong_every=7) as server, pytest.raises(SystemExit, match="a wrong answer"):
        paced.measure(server.server_address[1], Load("a page", (get("/"),)), rate=200, seconds=0.3)


def test_an_answer_without_what_it_must_hold_ends_the_bench() -> None:
    with serving() as server:
        answer = ask(server.server_address[1], get("/"))
    Expected(holds=("as written",), least=10).check(answer, "a page")
    for wrong in (Expected(holds=("missing",)), Expected(status=304), Expected(least=100)):
        with pytest.raises(SystemExit, match="a page"):
            wrong.check(answer, "a page")


def test_an_answer_is_whole_by_its_length_and_without_a_body_for_304() -> None:
    assert whole_size(b"HTTP/1.1 200 OK\r\nContent-Le") is None
    assert whole_size(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel") == 43
    assert whole_size(b"HTTP/1.1 304 NOT MODIFIED\r\nContent-Length: 5\r\n\r\n") == 48
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert parsed(chunked).body == b"abcde"


def test_a_figure_is_judged_by_what_must_be_reached_and_what_is_aimed_at() -> None:
    more, less = Need(0.7, 0.95), Need(60, at_most=True)
    assert [more.judged(value) for value in (0.69, 0.7, 0.95)] == ["NO", "yes", "aim"]
    assert [less.judged(value) for value in (60.1, 60, 1)] == ["NO", "yes", "yes"]
    rows = [Row("a", "", 0.6, more), Row("b", "", 0.8, more), Row("c", "told only")]
    assert table.missed(rows) == 1
    assert len({len(line) for line in table.drawn(rows).splitlines()}) == 1


def test_threads_of_a_given_size_leave_the_sum_as_it_was() -> None:
    counts = shares(10_000, 20_000, (50, 1000))
    assert (len(counts), sum(counts), counts[5000:5002]) == (10_000, 20_000, [50, 1000])
    assert sum(shares(7, 15)) == 15


def test_the_site_and_the_yardsticks_start_with_the_options_of_make_run() -> None:
    site, yardsticks = run_command(8123), run_command(8123, YARDSTICKS)
    assert site[:-1] == yardsticks[:-1] and (site[-1], yardsticks[-1]) == (SITE, YARDSTICKS)
    assert site[site.index("--workers") + 1] == "2" and site[site.index("--port") + 1] == "8123"


@pytest.mark.parametrize("text", ["wordpress", "=http://127.0.0.1/", "x=https://127.0.0.1/", "x=http://example.org/"])
def test_a_peer_is_a_page_of_this_machine(text: str) -> None:
    assert Peer.read("blog=http://127.0.0.1:8080/page?p=1").path == "/page?p=1"
    with pytest.raises(Exception, match="a peer is given as"):
        Peer.read(text)
