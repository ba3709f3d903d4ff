#!/usr/bin/env python3
"""How long a plain `ctest -j16` takes over shared boards, beside what is ideal and what people do by hand.

60 tests of 0.2 s on 4 boards of two types: 30 need one type, 20 the other, 10 take either. Ideal: 3.0 s (30 / 2 x 0.2 s).
usage: tests/bench/ctest_run.py [--bin build/release/bin] [--rounds 3]
"""

import argparse
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
IDEAL = 3.0
REQUIREMENTS = {"a": "type=a", "b": "type=b", "either": "{}"}
TESTS = [("a", i) for i in range(30)] + [("b", i) for i in range(20)] + [("either", i) for i in range(10)]


def ordered(order):
    """The same tests, registered in another order."""
    if order == "mixed":
        return random.Random(1).sample(TESTS, len(TESTS))
    return sorted(TESTS, key=lambda test: order.split(", ").index(test[0]))


def by_hand(kind, i):
    """The board that somebody who knows them all deals out: the 10 go where only 20 others go."""
    return f"a{i % 2}" if kind == "a" else f"b{i % 2}"


class Project:
    def __init__(self, folder, binaries):
        self.source, self.build = folder / "source", folder / "build"
        self.source.mkdir()
        self.start = f"""cmake_minimum_required(VERSION 3.22)
project(bench LANGUAGES NONE)
enable_testing()
add_executable(lockable::command IMPORTED GLOBAL)
set_target_properties(lockable::command PROPERTIES IMPORTED_LOCATION [==[{binaries}/lockable]==])
add_executable(lockable::lockablectl IMPORTED GLOBAL)
set_target_properties(lockable::lockablectl PROPERTIES IMPORTED_LOCATION [==[{binaries}/lockablectl]==])
include([==[{ROOT}/cmake/Lockable.cmake]==])
set(LOCKABLE_RESOURCES [==[{self.source}/resources.json]==])
set(LOCKABLE_LOCK_FOLDER [==[{folder}/locks]==])
"""
        boards = [{"id": f"{t}{i}", "type": t, "hostname": socket.gethostname(), "online": True} for t in "ab" for i in (0, 1)]
        (self.source / "resources.json").write_text(json.dumps(boards))

    def configure(self, lines):
        (self.source / "CMakeLists.txt").write_text(self.start + "\n".join(lines) + "\n")
        subprocess.run(["cmake", "-S", self.source, "-B", self.build], check=True, stdout=subprocess.DEVNULL)

    def command(self):
        """As in a fresh build tree: no costs of earlier runs."""
        log = self.build / f"log-{time.monotonic_ns()}"
        return ["ctest", "--test-dir", str(self.build), "-j16", "-Q", "-O", str(log)]

    def run(self, at_once=1, **environment):
        for left in self.build.glob("Testing/Temporary/CTestCostData*"):
            left.unlink()
        start = time.monotonic()
        runs = [subprocess.Popen(self.command(), env={**os.environ, **environment}, stderr=subprocess.DEVNULL) for _ in range(at_once)]
        if any(run.wait() for run in runs):
            raise SystemExit("ctest_run: a test failed")
        return time.monotonic() - start


def ours(order):
    return [f'lockable_add_test(NAME {k}{i} COMMAND sleep 0.2 REQUIREMENTS "{REQUIREMENTS[k]}")' for k, i in ordered(order)]


def dealt(order):
    lines = []
    for kind, i in ordered(order):
        lines.append(f"add_test(NAME {kind}{i} COMMAND sleep 0.2)")
        lines.append(f"set_tests_properties({kind}{i} PROPERTIES RESOURCE_LOCK {by_hand(kind, i)})")
    return lines


def discover(function, program):
    return [f"add_executable(many IMPORTED)\nset_target_properties(many PROPERTIES IMPORTED_LOCATION [==[{program}]==])",
            f"include(GoogleTest)\n{function}(many DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60)"]


def measure_discovery(project, program, rounds):
    """Both in turn, from a fresh list each time: `ctest -N`, which does nothing else here."""
    times = {"gtest_discover_tests": [], "lockable_discover_tests": []}
    for _ in range(rounds):
        for function, seconds in times.items():
            project.configure(discover(function, program))
            for left in project.build.glob("many*_tests.cmake"):
                left.unlink()
            start = time.monotonic()
            subprocess.run(["ctest", "--test-dir", project.build, "-N"], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "LOCKABLE_CTEST_SPEC": "off"})
            seconds.append(time.monotonic() - start)
    theirs, mine = (statistics.median(seconds) for seconds in times.values())
    more = 1000 * (mine - theirs)
    print(f"finding 2 000 cases: gtest_discover_tests {theirs:.3f} s, ours {mine:.3f} s: {more:.0f} ms more (target 100 {'ok' if more <= 100 else 'MISSED'})")


def show(what, seconds, ideal, target):
    median = statistics.median(seconds)
    ratio = median / ideal
    verdict = "" if target is None else ("ok" if ratio <= target else "MISSED")
    print(f"{what:58} {median:6.2f} s  {ratio:5.3f}  {target or '':<5} {verdict:6} ({min(seconds):.2f} to {max(seconds):.2f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--rounds", default=3, type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockable-ctest-run-") as folder:
        project = Project(pathlib.Path(folder), asked.bin.resolve())
        measure = lambda **how: [project.run(**how) for _ in range(asked.rounds)]
        print(f"{'60 tests of 0.2 s, ctest -j16':58} median     / ideal target")
        for order in ("a, b, either", "either, b, a", "b, either, a", "mixed"):
            project.configure(ours(order))
            show(f"lockable_add_test, registered {order}", measure(), IDEAL, 1.05)
        show("the same, two runs at once", measure(at_once=2), 2 * IDEAL, 1.1)
        show("the same, without a resource spec (locks alone)", measure(LOCKABLE_CTEST_SPEC="off"), IDEAL, None)
        cores = os.cpu_count()
        busy = [f"add_test(NAME free{i} COMMAND python3 -c [==[import time\nwhile time.process_time() < 0.1: pass]==])" for i in range(60)]
        project.configure(busy)
        alone = measure()
        show(f"60 tests that keep a core busy, without hardware ({cores} cores)", alone, statistics.median(alone), None)
        project.configure(ours("mixed") + busy)
        show("both: beside the longer of the two alone", measure(), max(IDEAL, statistics.median(alone)), None)
        project.configure(dealt("mixed"))
        show("RESOURCE_LOCK, the best board for each dealt out by hand", measure(), IDEAL, None)
        program = asked.bin.resolve().parent / "tests/bench/lockable_many_cases"
        if program.exists():
            measure_discovery(project, program, asked.rounds)
            timed = time.monotonic()
            subprocess.run(["ctest", "--test-dir", project.build, "-N"], check=True, stdout=subprocess.DEVNULL)
            print(f"ctest -N over them with the resource spec made anew: {time.monotonic() - timed:.3f} s")


if __name__ == "__main__":
    main()
