"""A receiver of webhooks for tests: behaves as the path says, verifies every signature, tells of each request.

Writes one JSON object a line to its standard output: first {"port": ...}, then one for each request. Secrets are given
as lines "<path> <secret> ..." on its standard input, each answered with {"secrets": <path>}.
"""

import base64
import hashlib
import hmac
import json
import os
import ssl
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http2

try:
    from standardwebhooks import Webhook

    VERIFIER = "standardwebhooks"
except ImportError:
    VERIFIER = "by hand"

secrets = {}
counts = {}
lock = threading.Lock()


def tell(record):
    with lock:
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()


def verify(secret, body, headers):
    if VERIFIER == "standardwebhooks":
        try:
            Webhook(secret).verify(body, headers)
            return True
        except Exception:
            return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    in_time = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return in_time and any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split(" "))


def post(url, value):
    request = urllib.request.Request(
        url, json.dumps(value).encode(), {"Content-Type": "application/json"}, method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this the second waits for the peer's delayed acknowledgement.
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle(self):
        if isinstance(self.connection, ssl.SSLSocket) and self.connection.selected_alpn_protocol() == "h2":
            http2.serve(self.rfile, self.wfile, self.tell_of)
        else:
            super().handle()

    def tell_of(self, stream, body):
        tell({"protocol": "h2", "connection": self.client_address[1], "stream": stream, "body": json.loads(body)})

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        at = time.time()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        with lock:
            counts[path] = count = counts.get(path, 0) + 1
            known = secrets.get(path, [])
        headers = {name.lower(): value for name, value in self.headers.items()}
        tell({
            "path": path, "at": at, "id": headers.get("webhook-id"), "count": count,
            "signatures": len(headers.get("webhook-signature", "").split(" ")),
            "verified": [verify(secret, body, headers) for secret in known],
            "headers": headers, "body": json.loads(body)})
        try:
            self.behave(path.split("/")[1], count, json.loads(body))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def behave(self, name, count, message):
        if name == "hang":
            # Until the peer goes.
            self.connection.settimeout(120)
            self.rfile.read(1)
            self.close_connection = True
        elif name == "gone":
            self.answer(410)
        elif name == "busy":
            # Once, and then no more.
            self.answer(429, Retry_After="61") if count == 1 else self.answer(204)
        elif name == "flaky":
            self.answer(500, b"not now") if count == 1 else self.answer(200, b"fine")
        elif name == "broken":
            self.answer(500, b"never")
        elif name == "redirect":
            self.answer(302, Location="/followed")
        elif name == "big":
            self.answer(200, b"x" * 3_000_000)
        elif name == "slow":
            time.sleep(0.02)
            self.answer(204)
        elif name == "task":
            result = {"charged": message["data"]["input"]["amount"]}
            self.answer(200, json.dumps({"outcome": "completed", "result": result}).encode())
        elif name == "task-declined":
            self.answer(200, b'{"outcome":"failed","code":"declined","reason":"no money","retryable":false}')
        elif name == "task-later":
            self.answer(202)
            self.wfile.flush()
            task = message["data"]
            answer = post(f"{os.environ['SERVICE']}/tasks/{task['task_id']}/outcome", {
                "lease_token": task["lease"]["token"], "outcome": "completed", "result": {"charged": "later"}})
            tell({"path": "/task-later/outcome", "body": answer})
        elif name == "task-nonsense":
            self.answer(200, b"OK") if count == 1 else self.answer(200, b'{"outcome":"completed","result":{}}')
        else:
            self.answer(204)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_):
        """A service that was killed leaves broken connections."""


def listen_for_secrets():
    for line in sys.stdin:
        path, *known = line.split()
        with lock:
            if path == "SERVICE":
                os.environ["SERVICE"] = known[0]
            else:
                secrets[path] = known
        tell({"secrets": path})
    os._exit(0)


def main():
    """Arguments: the port, 0 for any; for TLS the files of a certificate and its key; "h2" to offer HTTP/2, too."""
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        if "h2" in sys.argv[4:]:
            context.set_alpn_protocols(["h2", "http/1.1"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    tell({"port": server.server_address[1], "verifier": VERIFIER})
    threading.Thread(target=listen_for_secrets, daemon=True).start()
    server.serve_forever()


main()
