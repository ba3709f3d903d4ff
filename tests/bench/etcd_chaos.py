#!/usr/bin/env python3
"""Many clients on a few boards over an etcd cluster whose members, and they themselves, are killed and stopped.

An independent witness of exclusion: each board is a device that remembers the highest fencing token it was used with, and refuses
a use with a lower one. An overlap is a use that begins while the command of another holder still runs; it is told whether the
device would have refused that one. Also told: boards that stay unused for longer than the lease time after their holder died
although others wait (only while the cluster was well), and clients that end without a result or a clear error.
With --without-locks the commands run as they are: the witness must tell of overlaps then.
usage: tests/bench/etcd_chaos.py [--bin build/release/bin] [--seconds 600] [--clients 32] [--boards 4] [--lease 5] [--seed N]
       [--without-locks]
"""

import argparse
import collections
import fcntl
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLEAR = {0: "done", 70: "lost its lock", 74: "no cluster", 75: "timed out", 71: "deadlock"}


def start_time(pid):
    """None once it runs none of its code any more."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" or int(fields[6]) & 4 else fields[19]  # 4: PF_EXITING


class Device:
    """A board, as one holder uses it."""

    def __init__(self, folder, name, token):
        self.path, self.log, self.name, self.token = folder / name, folder / "log", name, token
        self.me = [os.getpid(), start_time(os.getpid())]

    def tell(self, what, **more):
        with open(self.log, "a") as log:
            log.write(json.dumps({"at": time.time(), "what": what, "board": self.name, "token": self.token, **more}) + "\n")

    def use(self, first=False, last=False):
        with open(self.path, "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state = json.loads(file.read() or '{"token": 0, "user": null}')
            other = state["user"]
            if self.token < state["token"] or (first and self.token == state["token"]):
                self.tell("token did not grow" if first else "refused", other=state["token"])
                return False
            if first and other and start_time(other[0]) == other[1]:
                stopped = pathlib.Path(f"/proc/{other[0]}/stat").read_text().rpartition(")")[2].split()[0] == "T"
                self.tell("overlap", other=state["token"], stopped=stopped)
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"token": self.token, "user": None if last else self.me}))
        if first or last:
            self.tell("begin" if first else "end")
        return True


def use_board(folder):
    allocation = json.loads(os.environ["LOCKABLE_ALLOCATIONS"])[0]
    device = Device(folder, allocation["resource_id"], allocation["fencing_token"])
    if not device.use(first=True):
        return 3
    for _ in range(random.randint(1, 20)):
        time.sleep(0.01)
        if not device.use():
            return 4
    return 0 if device.use(last=True) else 4


def free_port(taken):
    while True:
        port = random.randint(10000, 32000)  # below those that clients get
        with socket.socket() as probe:
            if port not in taken and probe.connect_ex(("127.0.0.1", port)) != 0:
                taken.add(port)
                return port


class Member:
    def __init__(self, folder, index, taken):
        self.name, self.data = f"m{index}", folder / f"m{index}"
        self.client, self.peer = free_port(taken), free_port(taken)
        self.process = None

    def start(self, cluster):
        own, its = f"http://127.0.0.1:{self.client}", f"http://127.0.0.1:{self.peer}"
        self.process = subprocess.Popen(
            ["etcd", "--name", self.name, "--data-dir", str(self.data), "--listen-client-urls", own,
             "--advertise-client-urls", own, "--listen-peer-urls", its, "--initial-advertise-peer-urls", its,
             "--initial-cluster", cluster], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Chaos:
    def __init__(self, asked, folder):
        self.asked, self.folder = asked, folder
        taken = set()
        self.members = [Member(folder, index, taken) for index in range(3)]
        self.cluster = ",".join(f"{m.name}=http://127.0.0.1:{m.peer}" for m in self.members)
        for member in self.members:
            member.start(self.cluster)
        inventory = [{"id": f"b{i}", "hostname": socket.gethostname(), "online": True} for i in range(asked.boards)]
        (folder / "resources.json").write_text(json.dumps(inventory))
        self.environment = {
            **os.environ, "LOCKABLE_RESOURCES": str(folder / "resources.json"),
            "LOCKABLE_ETCD_LEASE_TIME": str(asked.lease),
            "LOCKABLE_STORE": "etcd://" + ",".join(f"127.0.0.1:{m.client}" for m in self.members) + "/chaos"}
        self.running, self.harmed, self.guard = {}, set(), threading.Lock()
        self.ends, self.unclear, self.faults = collections.Counter(), [], []
        self.stop_at = time.time() + asked.seconds

    def client(self, number):
        board = f"b{number // 2 % self.asked.boards}"
        command = [str(self.asked.bin / "lockable"), "--quiet", "--timeout", "60"]
        if number % 2:
            command += ["--requirements", "id=" + board]
        use = [sys.executable, "-S", "-E", __file__, "--use", str(self.folder)]
        while time.time() < self.stop_at:
            environment = self.environment
            if self.asked.without_locks:
                told = [{"resource_id": board, "fencing_token": time.time_ns()}]
                environment = {**environment, "LOCKABLE_ALLOCATIONS": json.dumps(told)}
            process = subprocess.Popen(use if self.asked.without_locks else [*command, "--", *use], env=environment,
                                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)
            with self.guard:
                self.running[number] = process
            said = self.wait(process)
            with self.guard:
                del self.running[number]
                harmed = process.pid in self.harmed
            code = process.returncode
            self.ends["killed" if code < 0 else CLEAR.get(code, f"exit code {code}")] += 1
            if code in (3, 4) and harmed or code == -signal.SIGKILL:
                continue
            if code not in CLEAR or (code != 0 and not said.startswith("lockable: ")):
                self.unclear.append((code, harmed, said[:300]))

    @staticmethod
    def wait(process):
        # What it left running has its stderr too: wait for the process, not for that.
        text = []
        reader = threading.Thread(target=lambda: text.append(process.stderr.read()), daemon=True)
        reader.start()
        process.wait()
        reader.join(0.5)
        return text[0] if text else ""

    def harm_member(self):
        member = random.choice(self.members)
        kill = random.random() < 0.5
        duration = random.uniform(0.5, 2 * self.asked.lease)
        self.note("member", "killed" if kill else "stopped", member.name, duration)
        if kill:
            member.process.kill()
            member.process.wait()
        else:
            member.process.send_signal(signal.SIGSTOP)
        time.sleep(duration)
        if kill:
            member.start(self.cluster)
        else:
            member.process.send_signal(signal.SIGCONT)

    def harm_client(self):
        with self.guard:
            if not self.running:
                return
            process = random.choice(list(self.running.values()))
            self.harmed.add(process.pid)
        kill = random.random() < 0.5
        duration = random.uniform(0.5, 2 * self.asked.lease)
        self.note("client", "killed" if kill else "stopped", process.pid, 0 if kill else duration)
        try:
            process.send_signal(signal.SIGKILL if kill else signal.SIGSTOP)
            if not kill:
                threading.Timer(duration, lambda: process.send_signal(signal.SIGCONT)).start()
        except ProcessLookupError:
            return

    def note(self, *fault):
        self.faults.append((time.time(), *fault))

    def run(self):
        clients = [threading.Thread(target=self.client, args=(number,)) for number in range(self.asked.clients)]
        for client in clients:
            client.start()
        while time.time() < self.stop_at:
            time.sleep(random.uniform(1, 3))
            random.choice([self.harm_member, self.harm_client])()
        deadline = time.time() + 90
        for client in clients:
            client.join(max(0.1, deadline - time.time()))
        return sum(client.is_alive() for client in clients)

    def end(self):
        for member in self.members:
            member.process.kill()
        for process in self.running.values():
            process.kill()


def idle_times(events, seconds_over):
    """Of each board the pauses in its use that were longer."""
    last, pauses = {}, []
    for event in events:
        if event["what"] == "begin" and event["board"] in last and event["at"] - last[event["board"]] > seconds_over:
            pauses.append((event["board"], last[event["board"]], event["at"]))
        last[event["board"]] = event["at"]
    return pauses


def report(chaos, hung):
    events = [json.loads(line) for line in (chaos.folder / "log").read_text().splitlines()]
    count = collections.Counter(event["what"] for event in events)
    overlaps = [event for event in events if event["what"] == "overlap"]
    kinds = collections.Counter(fault[1] + " " + fault[2] for fault in chaos.faults)
    limit = chaos.asked.lease + 3
    pauses = idle_times(events, limit)
    # A cluster that lost a member needs an election; after it all leases count anew.
    troubled = [(fault[0], fault[0] + fault[4] + limit) for fault in chaos.faults if fault[1] == "member"]
    unexplained = [pause for pause in pauses
                   if not any(begin < pause[2] and pause[1] < end for begin, end in troubled)]
    print(f"{count['begin']} uses, faults: {dict(kinds)}")
    print(f"clients ended: {dict(chaos.ends)}")
    print(f"overlaps: {len(overlaps)} (the earlier command stopped: {sum(event['stopped'] for event in overlaps)})")
    print(f"uses refused by the device (late, with an older token): {count['refused']}")
    print(f"tokens that did not grow: {count['token did not grow']}")
    print(f"boards unused for more than {limit} s: {len(pauses)}, without trouble of a member: {len(unexplained)}; "
          f"the longest {max((end - begin for _, begin, end in pauses), default=0):.1f} s")
    print(f"clients that ended without a result or a clear error: {len(chaos.unclear)}, that never ended: {hung}")
    for one in chaos.unclear[:10]:
        print("  ", one)
    return bool(overlaps or count["token did not grow"] or unexplained or chaos.unclear or hung)


def main():
    if sys.argv[1:2] == ["--use"]:
        return use_board(pathlib.Path(sys.argv[2]))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    for name, value in (("seconds", 600), ("clients", 32), ("boards", 4), ("lease", 5), ("seed", int(time.time()))):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--without-locks", action="store_true")
    asked = parser.parse_args()
    asked.bin = asked.bin.resolve()
    print(f"seed {asked.seed}", flush=True)
    random.seed(asked.seed)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        chaos = Chaos(asked, pathlib.Path(name))
        try:
            return report(chaos, chaos.run())
        finally:
            chaos.end()


if __name__ == "__main__":
    sys.exit(main())
