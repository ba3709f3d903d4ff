"""One process that allocates as py-lockable 0.13 does (with the package `pid` 3.0.4), to stand beside C++ ones.

Usage: py_protocol.py <arena folder> <boards> <seed>; until SIGTERM. See arena.h for the folder's files and
witness_file.h for the witnesses.

Takes a pid file in the order of PidFile.create(): open "a+", flock, read, fchmod, truncate, write. Gives it
back in the order of PidFile.close(): close, then remove the path. Differs in time only: it tries again after
0 to 2 ms, not after 1 s, and pauses between its steps now and then, as if it had been preempted there, so that
the moments at which this can go wrong come up often.
"""

import errno
import fcntl
import os
import random
import signal
import struct
import sys
import time


def pause_maybe():
    if random.randrange(8) == 0:
        time.sleep(random.uniform(0, 0.001))


def pid_exists(pid):
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def may_take(file):
    """What the locked file says: free, or of a process that is dead. Nonsense counts as held, for ever."""
    try:
        file.seek(0)
        text = file.read(16).split("\n", 1)[0].strip()
        pause_maybe()
        return not text or not pid_exists(int(text))
    except (OSError, ValueError, OverflowError):
        return False


def take(path):
    """The open file of a resource that is ours now, or None."""
    file = open(path, "a+")
    pause_maybe()
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    pause_maybe()
    if not may_take(file):
        file.close()
        return None
    pause_maybe()
    os.fchmod(file.fileno(), 0o644)
    file.seek(0)
    file.truncate()
    pause_maybe()
    file.write("%d\n" % os.getpid())
    file.flush()
    file.seek(0)
    return file


def give_back(file, path):
    file.close()
    pause_maybe()
    if os.path.isfile(path):
        os.remove(path)


class Witness:
    """As WitnessFile in C++."""

    EXITING = 0x4

    def __init__(self, folder):
        self.folder = folder
        self.me = "%d %s" % (os.getpid(), self.stat(os.getpid())[2])

    @staticmethod
    def stat(pid):
        """State, flags and start time, of proc(5)."""
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            return fields[0], int(fields[6]), fields[19]
        except (OSError, IndexError):
            return "X", 0, ""

    def is_dead(self, who):
        pid, _, start = who.partition(" ")
        state, flags, started = self.stat(pid)
        return state in "ZX" or flags & self.EXITING or started != start

    def enter(self, board):
        """Empty, or what the overlap is."""
        path = os.path.join(self.folder, board)
        while True:
            try:
                os.symlink(self.me, path)
                return ""
            except FileExistsError:
                who = self.read(path)
                if not who or not self.is_dead(who):
                    return "%s: %s has it, Python got it as well" % (board, who)
                try:
                    os.unlink(path)
                except FileNotFoundError:
                    pass

    def leave(self, board):
        path = os.path.join(self.folder, board)
        who = self.read(path)
        if who != self.me:
            return "%s: Python had it, and found '%s' in its place" % (board, who)
        os.unlink(path)
        return ""

    @staticmethod
    def read(path):
        try:
            return os.readlink(path)
        except FileNotFoundError:
            return ""


class Arena:
    def __init__(self, folder, boards):
        self.folder = folder
        self.boards = ["board%d" % (i + 1) for i in range(boards)]
        self.witness = Witness(os.path.join(folder, "witnesses"))

    def path(self, board):
        return os.path.join(self.folder, "locks", board + ".pid")

    def append(self, name, data):
        file = os.open(os.path.join(self.folder, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(file, data)
        os.close(file)

    def tell_overlap(self, text):
        if text:
            self.append("overlaps", (text + "\n").encode())

    def use(self, board, waited):
        overlap = self.witness.enter(board)
        self.tell_overlap(overlap)
        self.append("allocations-py", struct.pack("=q", int(waited * 1e9)))
        time.sleep(random.uniform(0, 0.002))
        if not overlap:
            self.tell_overlap(self.witness.leave(board))

    def allocate(self, stopping):
        """One allocation of any board; polls."""
        since = time.monotonic()
        while not stopping:
            random.shuffle(self.boards)
            for board in self.boards:
                file = take(self.path(board))
                if file is not None:
                    self.use(board, time.monotonic() - since)
                    give_back(file, self.path(board))
                    return
            time.sleep(random.uniform(0, 0.002))


def main():
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    random.seed(int(sys.argv[3]))
    arena = Arena(sys.argv[1], int(sys.argv[2]))
    while not stopping:
        arena.allocate(stopping)


if __name__ == "__main__":
    main()
