"""Downloads that are refused, cut short, stalled or forged, and a cache of Keras' that holds something else."""

import contextlib
import gzip
import hashlib
import http.server
import importlib
import threading
import time

import numpy as np
import pytest

from gancli import data
from gancli.core import progress
from gancli.core.errors import DataError
from gancli.data import Request
from gancli.data.datasets import fashion_mnist, keras_sets
from gancli.evaluation.feature_extractors.inception import download

PAGES = {
    "/absent/": (404, b"", 0),
    "/wrong/": (200, b"<html>please log in</html>", 26),
    "/short/": (200, b"half", 1000),
    "/stalled/": (200, b"half", -1000),
}
WEIGHTS = b"the published weights"


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as the address says."""

    def do_GET(self):
        code, body, length = PAGES[self.path[: self.path.index("/", 1) + 1]]
        self.send_response(code)
        self.send_header("Content-Length", str(abs(length)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if length < 0:
            time.sleep(3)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def elsewhere(monkeypatch, name, origin, folder):
    """Let Keras fetch a set from our server into a folder of the test's."""
    module = importlib.import_module(f"keras.src.datasets.{name}")
    fetch = module.get_file

    def get_file(fname, **named):
        return fetch(fname, **named | {"origin": f"{origin}{fname}", "cache_dir": str(folder)})

    monkeypatch.setattr(module, "get_file", get_file)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
@pytest.mark.parametrize("page", PAGES)
def test_a_download_that_fails_is_exit_3_leaves_nothing_and_does_not_wait(
    gancli, tmp_path, monkeypatch, address, name, page
):
    monkeypatch.setattr(keras_sets, "PATIENCE", 0.5)
    elsewhere(monkeypatch, name, address + page, tmp_path / "keras")
    began = time.monotonic()
    answer = gancli("train", "--data", name, "--dry-run")
    assert time.monotonic() - began < 20
    assert (answer.code, answer.out) == (3, "")
    assert f"{name}.npz" in answer.err.replace("\n", " ")
    assert "Traceback" not in answer.err
    left = [path for path in (tmp_path / "keras").rglob("*") if path.is_file()]
    assert left == [] or page == "/wrong/"  # where Keras knows no hash; it is found out when it is read


def idx(values, header):
    return gzip.compress(bytes(header) + values.astype(np.uint8).tobytes())


def cache(folder, *, cut=False):
    """A Fashion-MNIST of our own where Keras looks for one."""
    folder = folder / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    images, labels = np.zeros((20, 28, 28)), np.arange(20) % 10
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(images, 16)[: 30 if cut else None])
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(labels, 8))


def test_a_file_that_a_killed_download_left_is_named(tmp_path, monkeypatch):
    cache(tmp_path, cut=True)
    elsewhere(monkeypatch, "fashion_mnist", "http://127.0.0.1:1/", tmp_path)
    with pytest.raises(DataError, match=r"cut short must be deleted from ~/\.keras/datasets"):
        data.load("fashion_mnist")


def test_other_images_in_the_cache_are_noted(tmp_path, monkeypatch, real_data):
    """Where the home folder cannot be written Keras uses /tmp/.keras, and there anybody can put a file."""
    cache(tmp_path)
    elsewhere(monkeypatch, "fashion_mnist", "http://127.0.0.1:1/", tmp_path)
    dataset = data.load("fashion_mnist")
    assert "other images than those published" in dataset.remarks[0].text
    with np.load(real_data / "fashion_mnist.npz") as held:
        assert keras_sets._content(held) == fashion_mnist.PUBLISHED


def test_a_refused_download_says_where_to_put_which_file(tmp_path, monkeypatch):
    mnist = importlib.import_module("keras.src.datasets.mnist")

    def refused(*_, **__):
        raise Exception("URL fetch failure on https://example.org: None -- [Errno 111] Connection refused")

    monkeypatch.setattr(mnist, "get_file", refused)
    with pytest.raises(DataError, match=r"mnist\.npz.*--data digits") as error:
        data.load("mnist", Request(data_dir=str(tmp_path)))
    assert str(tmp_path / "mnist.npz") in str(error.value)


@pytest.fixture
def own_weights(monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.5)
    monkeypatch.setattr(download, "SIZE", len(WEIGHTS))
    monkeypatch.setattr(download, "SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setitem(PAGES, "/right/", (200, WEIGHTS, len(WEIGHTS)))
    monkeypatch.setitem(PAGES, "/forged/", (200, WEIGHTS[::-1], len(WEIGHTS)))
    monkeypatch.setitem(PAGES, "/endless/", (200, WEIGHTS * 100_000, len(WEIGHTS) * 100_000))


REASONS = {
    "/absent/": "HTTP Error 404",
    "/wrong/": "another file than the published one, or a part",
    "/short/": "IncompleteRead|another file than the published one, or a part",
    "/stalled/": "timed out",
    "/forged/": "another file than the published one",
    "/endless/": "another file than the published one",
    "refused": "^Connection refused$",
}


@pytest.mark.parametrize("page", REASONS)
def test_weights_that_do_not_arrive_as_published_are_refused(own_weights, address, page):
    url = "http://127.0.0.1:1/w" if page == "refused" else f"{address}{page}w"
    began = time.monotonic()
    with pytest.raises(DataError, match=REASONS[page]) as caught:
        download.fetch([url])
    assert time.monotonic() - began < 5 and "\n" not in str(caught.value)
    assert download.fetch([url, f"{address}/right/w"]) == (WEIGHTS, f"{address}/right/w")


def test_no_more_than_the_published_size_is_read(own_weights, address):
    shown = []

    @contextlib.contextmanager
    def display(what, total):
        yield shown.append

    with progress.shown_by(display), pytest.raises(DataError, match="another file than the published one"):
        download.fetch([f"{address}/endless/w"])
    assert len(shown) == 1  # piece of eight


@pytest.mark.parametrize("url", ["", "no address", "ftp://127.0.0.1:1/w", "file:///no/such", "http://[::/w"])
def test_addresses_that_are_none_are_refused(own_weights, url):
    with pytest.raises(DataError):
        download.fetch([url] if url else [])
