"""An order from its event to the end of its first task, with a client generated from openapi.yaml.

Make the client with `openapi-python-client generate --path openapi.yaml --output-path procession_client --meta none` and
start the service with the sample definitions; then: python3 generated.py http://127.0.0.1:7070, and a key or token after
it where the service asks for one.
"""

import sys
import uuid

from procession_client import AuthenticatedClient, Client
from procession_client.api.events import post_events
from procession_client.api.processes import show_process
from procession_client.api.tasks import claim_tasks, post_outcome
from procession_client.models import OutcomeCompleted, PlainEvent, Problem


def checked(answer):
    """What a call gave; a problem ends the program."""
    if answer is None or isinstance(answer, Problem):
        sys.exit(f"refused: {answer}")
    return answer


def main(url, token=None):
    if token is None:
        client = Client(base_url=url, raise_on_unexpected_status=True)
    else:
        client = AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True)
    order = f"order-{uuid.uuid4()}"
    event = PlainEvent.from_dict(
        {"type": "OrderPlaced", "id": order, "source": "example", "data": {"order_id": order, "total": 40}}
    )
    receipt = checked(post_events.sync(client=client, body=event))
    assert not receipt.duplicate and receipt.processes[0].started, receipt

    # Others may have orders here, too.
    while True:
        claimed = checked(claim_tasks.sync(client=client, type_=["charge-card"], worker="generated", wait="5s"))
        assert claimed.tasks, "no task to claim"
        task = claimed.tasks[0]
        outcome = OutcomeCompleted.from_dict(
            {"lease_token": task.lease.token, "outcome": "completed", "result": {"payment_id": "p1"}}
        )
        result = checked(post_outcome.sync(client=client, task_id=task.task_id, body=outcome))
        assert result.recorded, result
        if task.key == order:
            break

    process = checked(show_process.sync(client=client, process_id=task.process_id))
    print(f"{order}: {process.status}, {process.machine_state.to_dict()}")
    assert process.machine_state["main"] == "Shipping", process


main(*sys.argv[1:])
