#!/usr/bin/env python3
"""A worker for Procession in Python 3, with nothing but its standard library.

    worker.py http://127.0.0.1:7070 charge-card refund-card
    worker.py --once 3 http://127.0.0.1:7070 CloseInstance
"""

import argparse
import datetime
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Failed(Exception):
    """Raised by a handler: the attempt failed. `code` is what the definition can ask for."""

    def __init__(self, reason, code=None, retryable=True):
        super().__init__(reason)
        self.code = code
        self.retryable = retryable


# Handlers by task type: the task in, the result out. A task can be handed out more than once (a worker
# that died had it first), so what a handler does in the world bears the task_id as idempotency key.


def charge_card(task):
    if task["input"]["amount"] <= 0:
        raise Failed("nothing to charge", code="bad_amount", retryable=False)
    return {"payment_id": "payment-" + task["task_id"]}


def refund_card(task):
    return {"refund_id": "refund-" + task["input"]["payment_id"]}


def book_courier(task):
    return {"tracking": "parcel-" + task["input"]["order_id"]}


def close_instance(task):
    return {"closed": task["input"]["instance_id"]}


HANDLERS = {
    "charge-card": charge_card,
    "refund-card": refund_card,
    "book-courier": book_courier,
    "CloseInstance": close_instance,
}


class Refused(Exception):
    """An answer of 4xx: repeating the call would not help."""

    def __init__(self, status, problem):
        super().__init__("%d %s: %s" % (status, problem.get("code"), problem.get("detail")))
        self.code = problem.get("code")


class Service:
    def __init__(self, base):
        self.base = base.rstrip("/")

    def call(self, method, target, body=None):
        """One call, repeated while the service is away or busy. Every call here is safe to repeat."""
        delay = 0.1
        while True:
            request = urllib.request.Request(self.base + target, method=method)
            if body is not None:
                request.data = json.dumps(body).encode()
                request.add_header("Content-Type", "application/json")
            try:
                with urllib.request.urlopen(request, timeout=70) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise Refused(error.code, json.load(error)) from None
                reason = error
            except (OSError, ValueError) as error:
                reason = error
            print("again in %.1fs: %s" % (delay, reason), file=sys.stderr)
            time.sleep(delay)
            delay = min(delay * 2, 5)

    def claim(self, types, worker):
        # A claim has an id: asked again after a lost answer, it brings the same tasks.
        query = {"type": ",".join(types), "wait": "20s", "worker": worker, "claim": str(uuid.uuid4())}
        return self.call("GET", "/tasks?" + urllib.parse.urlencode(query))["tasks"]


class Heartbeat:
    """Keeps the lease of a task while its handler runs."""

    def __init__(self, service, task):
        self.service = service
        self.task = task
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        expires = datetime.datetime.fromisoformat(self.task["lease"]["expires_at"].replace("Z", "+00:00"))
        left = (expires - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        while not self.done.wait(max(left / 3, 0.5)):
            try:
                body = {"lease_token": self.task["lease"]["token"]}
                self.service.call("POST", "/tasks/%s/heartbeat" % self.task["task_id"], body)
            except Refused as error:
                print("heartbeat: %s" % error, file=sys.stderr)
                return

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.done.set()


def work(service, task):
    """Handles one task and posts its outcome."""
    outcome = {"lease_token": task["lease"]["token"]}
    try:
        with Heartbeat(service, task):
            outcome.update(outcome="completed", result=HANDLERS[task["task_type"]](task))
    except Failed as failure:
        outcome.update(outcome="failed", reason=str(failure), retryable=failure.retryable)
        if failure.code:
            outcome["code"] = failure.code
    except Exception as error:  # A fault of the handler is a failed attempt, not the end of the worker.
        outcome.update(outcome="failed", reason="%s: %s" % (type(error).__name__, error))
    try:
        answer = service.call("POST", "/tasks/%s/outcome" % task["task_id"], outcome)
    except Refused as error:
        # lease_lost: another worker has the task now. task_ended, process_ended: nobody needs it any more.
        print("%s %s: %s" % (task["task_type"], task["task_id"], error), file=sys.stderr)
        return
    print("%s %s: %s" % (task["task_type"], task["key"], answer["recorded"]), flush=True)


def main():
    parser = argparse.ArgumentParser(description="Claims tasks and handles them.")
    parser.add_argument("base", help="where the service is, as http://127.0.0.1:7070")
    parser.add_argument("types", nargs="+", choices=sorted(HANDLERS), metavar="type", help=", ".join(sorted(HANDLERS)))
    parser.add_argument("--once", type=int, metavar="N", help="stop after N tasks")
    arguments = parser.parse_args()
    service = Service(arguments.base)
    worker = "%s-%d" % (socket.gethostname(), os.getpid())
    count = 0
    while arguments.once is None or count < arguments.once:
        for task in service.claim(arguments.types, worker):
            work(service, task)
            count += 1


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except Refused as error:
        sys.exit(str(error))
