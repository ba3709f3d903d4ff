#!/usr/bin/env python3
"""What the etcd store costs, beside `etcdctl lock` and raw puts to the same etcd, measured in turns in one run.

usage: tests/bench/etcd_figures.py [--bin build/release/bin] [--rounds 31] [--waiters 256]
                                  [--check TIMES]
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAMP = "date +%s%N >> {}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Etcd:
    def __init__(self, folder):
        self.port, peer = free_port(), free_port()
        own, its = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{peer}"
        self.process = subprocess.Popen(
            ["etcd", "--data-dir", str(folder / "etcd"), "--listen-client-urls", own, "--advertise-client-urls", own,
             "--listen-peer-urls", its, "--initial-advertise-peer-urls", its, "--initial-cluster", f"default={its}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.etcdctl("endpoint", "health").returncode != 0:
            time.sleep(0.1)

    def etcdctl(self, *words):
        return subprocess.run(self.command(*words), capture_output=True, text=True, check=False)

    def command(self, *words):
        return ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", f"127.0.0.1:{self.port}", *words]

    def keys(self, prefix):
        return self.etcdctl("get", "--prefix", "--keys-only", prefix).stdout.split()

    def requests(self):
        """Calls that etcd has answered, and events it has sent; ours of it are what differs from none."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics").read().decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("grpc_server_handled_total") and "Watch" not in line)


class Bench:
    def __init__(self, folder, binaries, etcd):
        self.folder, self.etcd, self.binaries = folder, etcd, binaries
        (folder / "resources.json").write_text(
            json.dumps([{"id": "b1", "hostname": socket.gethostname(), "online": True}]))
        self.uri = f"etcd://127.0.0.1:{etcd.port}/lab"
        os.environ.update({"LOCKABLE_RESOURCES": str(folder / "resources.json"), "LOCKABLE_STORE": self.uri})

    def lock_by(self, who, *command):
        if who == "etcdctl":
            return self.etcd.command("lock", "name", "--", *command)
        return [str(self.binaries / "lockable"), "--quiet", "--", *command]

    def waiting(self, who):
        return len(self.etcd.keys("lab/queue/")) if who == "lockable" else max(0, len(self.etcd.keys("name/")) - 1)

    def whole_command(self, who):
        start = time.perf_counter()
        subprocess.run(self.lock_by(who, "true"), check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - start) * 1000

    def chain(self, who, waiters):
        """A holder and so many behind it, each of which stamps its turn. The milliseconds from one to the next,
        and how many requests etcd had for each."""
        stamps, go = self.folder / "stamps", self.folder / "go"
        stamps.unlink(missing_ok=True)
        go.unlink(missing_ok=True)
        wait = f"until [ -e {go} ]; do sleep 0.01; done; " + STAMP.format(stamps)
        all_of_them = [subprocess.Popen(self.lock_by(who, "sh", "-c", wait), stdout=subprocess.DEVNULL)]
        while not self.etcd.keys("lab/held/" if who == "lockable" else "name/"):
            time.sleep(0.01)
        stamp = ["sh", "-c", STAMP.format(stamps)]
        for count in range(waiters):
            all_of_them.append(subprocess.Popen(self.lock_by(who, *stamp), stdout=subprocess.DEVNULL))
            while count % 8 == 7 and self.waiting(who) < count:
                time.sleep(0.05)
        while self.waiting(who) < waiters:
            time.sleep(0.05)
        time.sleep(0.5 if waiters == 1 else 5)
        before = self.etcd.requests()
        go.touch()
        for process in all_of_them:
            process.wait()
        requests = (self.etcd.requests() - before) / waiters
        times = [int(line) / 1e6 for line in stamps.read_text().split()]
        return [after - earlier for earlier, after in zip(times, times[1:])], requests


def measure(bench, rounds, waiters, at_most):
    """Whether no figure misses its target more than so many times."""
    whole = {who: [] for who in ("lockable", "etcdctl")}
    over = {who: [] for who in ("lockable", "etcdctl")}
    one = []
    for _ in range(rounds):
        for who in whole:
            whole[who].append(bench.whole_command(who))
        for who in over:
            times, requests = bench.chain(who, 1)
            over[who] += times
            if who == "lockable":
                one.append(requests)
    calls = json.loads(subprocess.run([str(bench.binaries.parent / "tests/bench/lockable_etcd_calls"), bench.uri,
                                       os.environ["LOCKABLE_RESOURCES"]], capture_output=True, check=True).stdout)
    # As long as most of them wait yet.
    crowd, crowd_requests = bench.chain("lockable", waiters) if waiters else ([0], 0)
    crowd = crowd[:max(1, waiters // 2)]
    median = statistics.median

    good = True

    def line(what, ours, peer, limit, unit="ms"):
        nonlocal good
        good = good and ours <= at_most * limit * peer
        verdict = "ok" if ours <= limit * peer else "TOO MUCH"
        print(f"{what:58} {ours:8.2f} {unit:8} beside {peer:8.2f}   {ours / peer:5.2f} of at most {limit:g}   {verdict}", flush=True)

    line("hand-over, beside etcdctl lock", median(over["lockable"]), median(over["etcdctl"]), 1)
    line("lock + unlock in a program, beside two raw puts", calls["lock_and_unlock_ms"], calls["two_puts_ms"], 1.5)
    line("lockable -- true, beside etcdctl lock name true", median(whole["lockable"]), median(whole["etcdctl"]), 1)
    if waiters:
        line(f"hand-over among {waiters}, beside that of one", median(crowd), median(over["lockable"]), 3)
        line(f"requests per hand-over among {waiters}, beside those of one", crowd_requests, median(one), 3, "requests")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--waiters", type=int, default=256)
    parser.add_argument("--folder", default="/var/tmp", help="where etcd keeps its data: a disk, unless it is told otherwise")
    parser.add_argument("--check", type=float, default=float("inf"), metavar="TIMES", help="fail when a figure misses its target so many times")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = pathlib.Path(name)
        etcd = Etcd(folder)
        try:
            good = measure(Bench(folder, asked.bin.resolve(), etcd), asked.rounds, asked.waiters, asked.check)
        finally:
            etcd.process.send_signal(signal.SIGKILL)
            etcd.process.wait()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
