#!/usr/bin/env python3
"""A web server that answers well, badly or not at all, as the path of the request says.

usage: http_server.py FOLDER [--tls CERTIFICATE KEY] [--client-ca FILE]

Prints `port <n>` when it listens. Appends a line of JSON to FOLDER/requests for each answer. NAME is a file in FOLDER.

  /file/NAME                    the file, with an ETag (FOLDER/NAME.status, when there: that status instead, 0: none)
  /modified/NAME, /plain/NAME   with Last-Modified; with neither
  /gzip/NAME, /pieces/NAME      compressed; byte by byte, chunked
  /first/N/STATUS/NAME          that status N times, then the file   ?seconds: Retry-After; ?date=seconds: the same as a date
  /drop/N/NAME                  closes without an answer N times, then the file
  /status/STATUS                that status                          ?seconds, ?date=seconds
  /redirect/N/NAME, /loop       N redirects before the file; redirects to itself
  /to?URL                       a redirect to that URL
  /bearer/TOKEN/NAME, /basic/USER:PASSWORD/NAME    the file for who may see it, else 401
  /hang, /slow                  never answers; a byte now and then
  /huge, /declared, /bomb       200 MB: chunked, with Content-Length, compressed
  /short/NAME, /long/NAME       Content-Length larger than the body; smaller
  /garbage                      no HTTP
  /echo                         method and body of the request
A request to a proxy (http://…) gets resources.json.
"""

import argparse
import base64
import collections
import email.utils
import gzip
import hashlib
import http.server
import json
import pathlib
import socket
import ssl
import threading
import time

HUGE = 200 * 1000 * 1000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = pathlib.Path()
    counts = collections.Counter()
    lock = threading.Lock()

    def do_GET(self):
        path, _, query = self.path.partition("?")
        words = path.strip("/").split("/")
        if path.startswith("http://"):
            return self.file("resources.json")
        getattr(self, "on_" + words[0], self.on_unknown)(words[1:], query)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(200, b"POST " + body)

    def do_CONNECT(self):
        self.answer(403)

    # What it says.

    def note(self, status):
        line = json.dumps({"path": self.path, "status": status, "headers": dict(self.headers)})
        with self.lock, open(self.folder / "requests", "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def answer(self, status, body=b"", headers=None, length=None):
        self.note(status)
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def file(self, name, validator="etag"):
        path = self.folder / name
        override = self.folder / (name + ".status")
        if override.exists():
            status = int(override.read_text())
            return self.answer(status) if status else self.on_hang([], "")
        body = path.read_bytes()
        headers = {}
        if validator == "etag":
            headers["ETag"] = '"' + hashlib.sha256(body).hexdigest() + '"'
            if self.headers.get("If-None-Match") == headers["ETag"]:
                return self.answer(304, headers=headers)
        elif validator == "modified":
            headers["Last-Modified"] = email.utils.formatdate(path.stat().st_mtime, usegmt=True)
            if self.headers.get("If-Modified-Since") == headers["Last-Modified"]:
                return self.answer(304, headers=headers)
        self.answer(200, body, headers)

    def trouble(self, status, query):
        headers = {}
        if query.startswith("date="):
            headers["Retry-After"] = email.utils.formatdate(time.time() + int(query[5:]), usegmt=True)
        elif query:
            headers["Retry-After"] = query
        self.answer(int(status), b"trouble", headers)

    def so_far(self):
        with self.lock:
            self.counts[self.path] += 1
            return self.counts[self.path] - 1

    def hang_up(self):
        self.close_connection = True

    def chunks(self, headers=None):
        """Starts an answer in pieces; returns what sends one."""
        self.note(200)
        self.send_response(200)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

        def send(data):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        return send

    # One for each first word of a path.

    def on_unknown(self, _words, _query):
        self.answer(404)

    def on_file(self, words, _query):
        self.file(words[0])

    def on_modified(self, words, _query):
        self.file(words[0], "modified")

    def on_plain(self, words, _query):
        self.file(words[0], None)

    def on_gzip(self, words, _query):
        body = gzip.compress((self.folder / words[0]).read_bytes())
        self.answer(200, body, {"Content-Encoding": "gzip"})

    def on_pieces(self, words, _query):
        send = self.chunks()
        for byte in (self.folder / words[0]).read_bytes():
            send(bytes([byte]))
        send(b"")

    def on_first(self, words, query):
        if self.so_far() < int(words[0]):
            return self.trouble(words[1], query)
        self.file(words[2])

    def on_drop(self, words, _query):
        if self.so_far() < int(words[0]):
            self.note(0)
            return self.hang_up()
        self.file(words[1])

    def on_status(self, words, query):
        self.trouble(words[0], query)

    def on_redirect(self, words, _query):
        left = int(words[0])
        if left == 0:
            return self.file(words[1])
        # Absolute and relative ones in turn.
        start = "" if left % 2 else self.own_address()
        self.answer(302, headers={"Location": f"{start}/redirect/{left - 1}/{words[1]}"})

    def own_address(self):
        return ("https://" if isinstance(self.connection, ssl.SSLSocket) else "http://") + self.headers["Host"]

    def on_loop(self, _words, _query):
        self.answer(301, headers={"Location": "/loop"})

    def on_to(self, _words, query):
        self.answer(307, headers={"Location": query})

    def on_bearer(self, words, _query):
        self.guarded("Bearer " + words[0], words[1])

    def on_basic(self, words, _query):
        self.guarded("Basic " + base64.b64encode(words[0].encode()).decode(), words[1])

    def guarded(self, expected, name):
        if self.headers.get("Authorization") != expected:
            return self.answer(401, headers={"WWW-Authenticate": expected.split()[0] + ' realm="lab"'})
        self.file(name)

    def on_hang(self, _words, _query):
        self.note(0)
        self.rfile.read(1)  # until the other side gives up
        self.hang_up()

    def on_slow(self, _words, _query):
        send = self.chunks()
        while True:
            send(b" ")
            time.sleep(0.05)

    def on_huge(self, _words, _query):
        send = self.chunks()
        for _ in range(HUGE // 100_000):
            send(b" " * 100_000)

    def on_declared(self, _words, _query):
        self.answer(200, b" ", length=HUGE)
        self.hang_up()

    def on_bomb(self, _words, _query):
        self.answer(200, gzip.compress(b" " * HUGE, 1), {"Content-Encoding": "gzip"})

    def on_short(self, words, _query):
        body = (self.folder / words[0]).read_bytes()
        self.answer(200, body, length=len(body) + 10)
        self.hang_up()

    def on_long(self, words, _query):
        body = (self.folder / words[0]).read_bytes()
        self.answer(200, body, length=len(body) - 10)
        self.hang_up()

    def on_garbage(self, _words, _query):
        self.note(0)
        self.wfile.write(b"220 lab.example ESMTP\r\n")
        self.hang_up()

    def log_message(self, *_arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    context = None

    def finish_request(self, request, client_address):
        # In the connection's own thread: a handshake that hangs stops nobody else.
        if self.context is None:
            return super().finish_request(request, client_address)
        kept = request.dup()
        try:
            super().finish_request(self.context.wrap_socket(request, server_side=True), client_address)
        except ssl.SSLError:
            # Closing with something unread would take back the alert that says why.
            kept.shutdown(socket.SHUT_WR)
            while kept.recv(4096):
                pass
        finally:
            kept.close()

    def handle_error(self, _request, _client_address):
        pass  # clients that give up are what we are here for


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--client-ca")
    arguments = parser.parse_args()
    Handler.folder = arguments.folder
    server = Server(("127.0.0.1", 0), Handler)
    if arguments.tls:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(*arguments.tls)
        if arguments.client_ca:
            server.context.verify_mode = ssl.CERT_REQUIRED
            server.context.load_verify_locations(arguments.client_ca)
    print(f"port {server.server_port}", flush=True)
    server.serve_forever()


main()
