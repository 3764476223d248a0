"""Several workers: two processes on the loopback interface, and what becomes of one whose mate dies."""

import json
import os
import shutil
import signal
import socket
import threading
import time

import pytest
from helpers import forkserver

from gancli.core.distributed import authentication, cluster
from gancli.core.errors import OptionError, WorkerError
from gancli.runs import checkpoints, registry

TOKEN = "of a test: 0123456789abcdef"
LENGTH = ["--steps", "200", "--save-every", "20", "--sample-every", "200", "--log-every", "5"]


def free_ports(count):
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def spawn(outdir, index, addresses, *more):
    """One worker of a training; Slurm's variable tells the chief's place, the flag any other's."""
    words = ["train", "--outdir", outdir, "--workers", addresses, *(["--worker", index] if index else []), *more]
    return forkserver.Process(words, os.environ | {"SLURM_PROCID": "0"})


def pair(outdir, *more, second=()):
    """Two workers with the same command, but for what the second is told besides."""
    addresses = ",".join(f"localhost:{port}" for port in free_ports(2))
    return [spawn(outdir, index, addresses, *more, *(second if index else ())) for index in (0, 1)]


def new(outdir, stripes_file, *more, **others):
    options = ["--model", "dcgan", "--width", "4", "--batch-size", "16", "--d-steps", "2", "--data", stripes_file]
    return pair(outdir, *options, "-v", *more, **others)


def ended(process, seconds=60):
    """Exit code and both outputs of a worker that must end by itself."""
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return process.returncode, out, err


def wait_for_step(chief, step):
    for line in chief.stderr:
        if line.startswith("train step ") and int(line.split()[2].split("/")[0].replace(",", "")) >= step:
            return
    raise AssertionError("the training ended before its step")


def digest(outdir):
    found = registry.list_runs(outdir)[0].checkpoints()
    return checkpoints.digest(checkpoints.read(found[max(found)])[0])


@pytest.fixture(scope="module")
def whole(tmp_path_factory, stripes_file):
    """The folder of a training by two workers that was never stopped."""
    outdir = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(authentication.TOKEN, TOKEN)
        chief, other = new(outdir, stripes_file, *LENGTH)
    code, out, err = ended(chief)
    assert code == 0
    assert TOKEN not in out + err
    code, out, err = ended(other)
    assert (code, out, err) == (0, "", "")
    return outdir


def test_two_workers_end_in_the_bits_of_two_devices_of_one_machine(whole, tmp_path, stripes_file):
    command = ["--model", "dcgan", "--width", 4, "--batch-size", 16, "--d-steps", 2, "--devices", 2]
    command += ["--data", stripes_file]
    forkserver.run("train", "--outdir", tmp_path, "-q", *command, *LENGTH).check_returncode()
    assert digest(whole) == digest(tmp_path)


def test_the_run_says_how_many_shared_it(whole):
    (run,) = registry.list_runs(whole)
    assert (run.record["workers"], run.record["replicas"]) == (2, 2)
    assert run.status()["state"] == "finished"
    assert run.metrics()[-1]["step"] == 200


def test_the_secret_of_the_workers_is_nowhere_in_the_run(whole):
    files = [path for path in whole.rglob("*") if path.is_file()]
    assert any(path.name == "run.json" for path in files)
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


def test_a_killed_worker_ends_the_others_in_words_and_a_resume_ends_in_the_same_bits(whole, tmp_path, stripes_file):
    chief, other = new(tmp_path, stripes_file, *LENGTH)
    wait_for_step(chief, 25)
    other.kill()
    code, _, err = ended(chief, seconds=30)
    assert code == 8
    assert "another worker was lost" in err.splitlines()[-1]
    assert "--resume" in err.splitlines()[-1]
    ended(other)
    (run,) = registry.list_runs(tmp_path)
    assert run.status()["state"] == "failed"
    assert 20 <= max(run.checkpoints()) < 200
    chief, other = pair(tmp_path, "--resume", "-q")
    assert ended(chief)[0] == ended(other)[0] == 0
    assert digest(tmp_path) == digest(whole)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])  # gone, or frozen as behind a cut cable
def test_a_chief_that_is_lost_ends_the_others_in_words(tmp_path, stripes_file, number):
    chief, other = new(tmp_path, stripes_file, "--steps", "100000", "--save-every", "100000")
    wait_for_step(chief, 5)
    chief.send_signal(number)
    code, _, err = ended(other, seconds=40)
    chief.kill()
    assert code == 8
    assert "another worker was lost" in err
    assert len(err.splitlines()) == 1
    ended(chief)


def test_a_signal_to_any_worker_ends_all_after_saving(tmp_path, stripes_file):
    chief, other = new(tmp_path, stripes_file, "--steps", "100000", "--save-every", "100000")
    wait_for_step(chief, 50)
    other.send_signal(signal.SIGTERM)
    codes = [ended(process, seconds=30)[0] for process in (chief, other)]
    assert codes == [143, 143]
    (run,) = registry.list_runs(tmp_path)
    assert run.status()["state"] == "interrupted"
    assert max(run.checkpoints()) >= 50


def test_an_error_of_the_chief_ends_the_others_with_its_exit_code(tmp_path, stripes_file):
    chief, other = new(tmp_path, stripes_file, "--steps", "100000", "--save-every", "50")
    wait_for_step(chief, 5)
    folder = registry.list_runs(tmp_path)[0].path / "checkpoints"
    shutil.rmtree(folder)
    folder.write_text("in the way", encoding="utf-8")
    code, _, err = ended(chief, seconds=30)
    assert (code, "cannot write" in err) == (6, True)
    code, _, err = ended(other, seconds=30)
    assert (code, "the chief) ended the training with exit code 6" in err) == (6, True)


def test_workers_of_one_secret_with_different_options_are_all_told_the_difference(tmp_path, stripes_file, monkeypatch):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    for code, _, err in map(ended, new(tmp_path, stripes_file, second=["--seed", "3"])):
        assert code == 2
        assert "worker 1" in err
        assert "seed 3 there and 0 on the chief" in err
    assert registry.list_runs(tmp_path) == []


# --- without TensorFlow


def teams(count=2):
    addresses = tuple(f"localhost:{port}" for port in free_ports(count))
    return [cluster.Team(addresses, index) for index in range(count)]


def test_a_meeting_waits_for_all_and_not_for_ever():
    chief, other, _ = teams(3)
    failures = []

    def come():
        with pytest.raises(WorkerError) as caught:
            other.rendezvous({"seed": 0}, seconds=1.5)
        failures.append(caught.value)

    thread = threading.Thread(target=come)
    thread.start()
    began = time.monotonic()
    with pytest.raises(WorkerError, match=r"worker 2 \(localhost:\d+\) did not arrive"):
        chief.rendezvous({"seed": 0}, seconds=1)
    thread.join()
    assert time.monotonic() - began < 5
    assert "worker 0" in str(failures[0])


def test_a_stranger_at_the_port_does_not_disturb_the_meeting():
    chief, other = teams()
    host, port = chief.addresses[0].split(":")
    thread = threading.Thread(target=chief.rendezvous, args=({"seed": 0},))
    thread.start()
    while True:
        try:
            with socket.create_connection((host, int(port))) as link:
                link.sendall(b"GET / HTTP/1.0\r\n\r\n")
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    other.rendezvous({"seed": 0}, seconds=5)
    thread.join(5)
    assert not thread.is_alive()


def test_tf_config_and_the_flags_name_the_same_team(monkeypatch):
    config = {"cluster": {"chief": ["a:1"], "worker": ["b:2", "c:3"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    assert cluster.find(None, None) == cluster.find("a:1, b:2,c:3", 2) == cluster.Team(("a:1", "b:2", "c:3"), 2)
    assert cluster.find(None, 1).index == 1
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(OptionError, match="TF_CONFIG"):
        cluster.find(None, None)
    monkeypatch.delenv("TF_CONFIG")
    with pytest.raises(OptionError, match="give both"):
        cluster.find(None, 0)


def test_slurm_says_which_worker_this_is_of_those_that_are_named(monkeypatch):
    monkeypatch.setenv("SLURM_PROCID", "1")
    assert cluster.find("a:1,b:2", None).index == 1
    assert cluster.find("a:1,b:2", 0).index == 0
    assert cluster.find(None, None) is cluster.SINGLE_WORKER


def test_a_worker_finds_its_place_by_the_name_of_its_machine(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "node2.cluster")
    monkeypatch.setattr(socket, "getfqdn", lambda: "node2.cluster")
    assert cluster.find("node1:2222,node2:2222", None).index == 1
    with pytest.raises(OptionError, match="--worker 0, 1"):
        cluster.find("node3:2222,node4:2222", None)


@pytest.mark.parametrize(
    ("addresses", "index", "words"),
    [("a,b:1", 0, "HOST:PORT"), ("a:1,a:1", 0, "twice"), ("a:1,b:2", 2, "from 0 to 1"), ("a:1,b:99999", 0, "b:99999")],
)
def test_bad_addresses_are_refused_in_words(addresses, index, words):
    with pytest.raises(OptionError, match=words):
        cluster.find(addresses, index)


def test_a_port_in_use_is_told():
    chief, _ = teams()
    with socket.create_server(("", int(chief.addresses[0].split(":")[1]))), pytest.raises(WorkerError, match="port"):
        chief.rendezvous({}, seconds=0.1)
