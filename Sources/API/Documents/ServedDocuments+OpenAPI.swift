// swift-format-ignore-file
// Made by scripts/embed from openapi.yaml: change that file, and run the script.

extension ServedDocuments {
    /// The description of the HTTP API.
    static let openAPIText: StaticString = ###"""
openapi: 3.1.0
info:
  title: Procession
  version: "1"
  summary: A durable process manager. Events in, tasks out, outcomes back.
  description: |
    Events start processes and move them on; processes plan tasks; workers claim tasks and post outcomes.

    Rules for all requests:
    - Query parameters and body members that are not described here are refused. A null member counts as absent.
    - A body has at most 1 MiB, header fields 16 KiB, a request target 8 KiB.
    - Durations are texts such as `30s`, `1h30m` or `250ms`; times are RFC 3339.
    - Every answer bears `X-Request-Id`: the caller's, where it sent 1 to 128 visible ASCII characters, else a new one.
    - `GET` routes also answer `HEAD`; `OPTIONS` answers 204 with `Allow`.
    - Where there is a `wait`, `Prefer: wait=<seconds>` (RFC 7240) says the same; the shorter one counts, and
      `Preference-Applied` tells what was honoured.
    - An answer comes in the types given here; who accepts none of them (`Accept`) gets 406 instead.
    - Errors are problems (RFC 9457) as application/problem+json. Those with status 503 bear `Retry-After`.
    - Requests that come from another site's web page are refused with 403. As long as nobody needs a key, and the
      service does not run with `--insecure`, so are those whose Host is not a loopback name.
    - From the first key on, or with a trusted issuer of tokens, every operation asks for the scope that its `security`
      names; where it names two, either will do. Everything that a caller sees is inside its tenant.
servers:
  - url: http://127.0.0.1:7070
tags:
  - name: events
  - name: tasks
  - name: processes
  - name: definitions
  - name: webhooks
  - name: service
  - name: access
  - name: subscriptions
paths:
  /events:
    post:
      operationId: postEvents
      tags: [events]
      security: [{ bearer: ["events:write"] }]
      summary: Post an event, or a batch of CloudEvents
      description: |
        An event whose source and id are known is answered as the first time, with `duplicate` true.
        An event without an id takes the Idempotency-Key as its id, or else a new one.
        An event without a `traceparent` takes that of the request.
        A batch is checked whole before any of it is taken; then each event has a result of its own, in the same order.
        If none of the definitions that listen to the type can read a key from it, the event is refused (422
        `key_failed`); `detail` names up to five of them, each with its expression and what is wrong with what it gave:
        a missing member, an empty string, or anything else that is neither a string nor an integer.

        The content type decides how the body is read: as a CloudEvent, a batch of them, or, if a `ce-` field of a
        required attribute is there, as the data of a CloudEvent in binary mode. Then JSON data is parsed, other UTF-8
        text becomes a string, and everything else `{"data_base64": …}`. Attributes not listed here are given as
        `ce-<name>`, and kept.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
        - $ref: "#/components/parameters/CloudEventVersion"
        - $ref: "#/components/parameters/CloudEventID"
        - $ref: "#/components/parameters/CloudEventSource"
        - $ref: "#/components/parameters/CloudEventType"
        - $ref: "#/components/parameters/CloudEventTime"
        - $ref: "#/components/parameters/Traceparent"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/PlainEvent"
            example: { "type": "OrderPlaced", "id": "e-1", "data": { "order_id": "o1", "total": 40 } }
          application/cloudevents+json:
            schema:
              $ref: "#/components/schemas/CloudEvent"
            example: { "specversion": "1.0", "id": "e-1", "source": "shop", "type": "OrderPlaced", "data": { "order_id": "o1", "total": 40 } }
          application/cloudevents-batch+json:
            schema:
              allOf:
                - type: array
                  maxItems: 1000
                  items:
                    $ref: "#/components/schemas/CloudEvent"
            example: [{ "specversion": "1.0", "id": "e-1", "source": "shop", "type": "OrderPlaced", "data": { "order_id": "o1", "total": 40 } }]
          "*/*":
            schema:
              description: The data of a CloudEvent in binary mode, of any type but those of other CloudEvents formats.
            example: { "order_id": "o1", "total": 40 }
      responses:
        "200":
          description: The receipt of the event; for a batch, a result for each event
          content:
            application/json:
              schema:
                oneOf:
                  - $ref: "#/components/schemas/EventReceipt"
                  - $ref: "#/components/schemas/BatchReceipt"
              example: { "event_id": "e-1", "duplicate": false, "processes": [{ "process_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "definition": "order-fulfilment", "definition_version": 1, "key": "o1", "version": 3, "status": "Running", "started": true }], "held": false, "unmatched": false }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    get:
      operationId: listEvents
      tags: [events]
      security: [{ bearer: ["read"] }]
      summary: Read all recorded events in the order of their positions
      description: |
        Without an event to show, the answer is held back for up to `wait`.

        With `Accept: text/event-stream` the answer is a stream of server-sent events without an end: `id` is the
        position, `event` the type, `data` the record. `limit` and `wait` do not matter then. A comment every 15 s shows that it
        lives; it ends when the service stops, or when its reader takes less than 64 KiB in 30 s and more waits.
      parameters:
        - $ref: "#/components/parameters/After"
        - name: category
          in: query
          description: |
            Only events of streams of this category. What operators did to no process in particular (`audit`) and what
            became of webhooks (`webhook`) is shown only where it is asked for, to callers with the scope `admin` and
            `operate`.
          schema: { type: string }
        - name: type
          in: query
          description: Only these event types; a comma list, or repeated.
          schema: { type: array, items: { type: string } }
        - $ref: "#/components/parameters/Limit1000"
        - $ref: "#/components/parameters/Wait"
        - $ref: "#/components/parameters/PreferWait"
        - $ref: "#/components/parameters/LastEventID"
      responses:
        "200":
          description: Events, and where to read on
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/EventPage"
            text/event-stream:
              schema:
                type: string
              example: "id: 7\nevent: ProcessCompleted\ndata: {…}\n\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /events/unmatched:
    get:
      operationId: listUnmatched
      tags: [events]
      security: [{ bearer: ["read"] }]
      summary: List events that found no process
      parameters:
        - $ref: "#/components/parameters/After"
        - $ref: "#/components/parameters/Limit1000"
      responses:
        "200":
          description: Events, and where to read on
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/UnmatchedPage"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /events/unmatched/{unmatched_id}:
    parameters:
      - $ref: "#/components/parameters/UnmatchedID"
    delete:
      operationId: discardUnmatched
      tags: [events]
      security: [{ bearer: ["operate"] }]
      summary: Discard an unmatched event
      description: |
        Nobody will want it any more. If nothing else has the event, its id is free again, as after `--retain-unmatched`.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      responses:
        "204":
          description: It is gone
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /events/unmatched/{unmatched_id}/redeliver:
    parameters:
      - $ref: "#/components/parameters/UnmatchedID"
    post:
      operationId: redeliverUnmatched
      tags: [events]
      security: [{ bearer: ["operate"] }]
      summary: Deliver an unmatched event again
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      responses:
        "200":
          description: It found a process
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/EventReceipt"
              example: { "event_id": "e-1", "duplicate": false, "processes": [{ "process_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "definition": "order-fulfilment", "definition_version": 1, "key": "o1", "version": 3, "status": "Running", "started": true }], "held": false, "unmatched": false }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks:
    get:
      operationId: claimTasks
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Claim tasks
      description: |
        Hands out ready tasks under a lease. Without a task, the answer is held back for up to `wait`, then it is an empty list.
        This is a GET that changes something: it must not be cached or prefetched. HEAD claims nothing.
      parameters:
        - name: type
          in: query
          description: 1 to 100 task types; a comma list, or repeated.
          required: true
          schema: { type: array, minItems: 1, maxItems: 100, items: { type: string, minLength: 1 } }
        - name: limit
          in: query
          description: At most this many tasks; fewer, and at least one, where they would be more than 4 MiB. The rest can be claimed next.
          schema: { type: integer, minimum: 1, maximum: 100, default: 1 }
        - $ref: "#/components/parameters/Wait"
        - $ref: "#/components/parameters/PreferWait"
        - name: lease
          in: query
          description: How long each task is wanted for, 1s to 12h.
          schema: { $ref: "#/components/schemas/Duration", default: 60s }
        - name: worker
          in: query
          description: Who asks, at most 255 bytes.
          schema: { type: string, maxLength: 255 }
        - name: claim
          in: query
          description: The caller's id of this claim, at most 255 bytes; the same again gives the same tasks.
          schema: { type: string, maxLength: 255 }
      responses:
        "200":
          description: The tasks, none if there were none
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/ClaimedTasks"
              example: { "tasks": [{ "task_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "task_stream_id": "task::0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "task_type": "charge-card", "process_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "definition": "order-fulfilment", "key": "o1", "machine_id": "main", "transition_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "attempt": 1, "max_attempts": 5, "input": { "order_id": "o1", "amount": 40 }, "steps": [], "progress": null, "lease": { "token": "1-5f2c", "expires_at": "2026-01-31T12:01:00Z" }, "deadline": null, "scheduled_at": "2026-01-31T12:00:00Z", "correlation_id": null, "traceparent": null, "tracestate": null }] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/outcomes:
    post:
      operationId: postOutcomes
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Post up to 100 outcomes at once
      description: |
        Each has a result of its own, in the same order.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/OutcomeBatch"
            example: { "outcomes": [{ "task_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "lease_token": "1-5f2c", "outcome": "completed", "result": { "payment_id": "p1" } }] }
      responses:
        "200":
          description: A result for each outcome
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/OutcomeResults"
        "400":
          $ref: "#/components/responses/BadRequest"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    get:
      operationId: showTask
      tags: [tasks]
      security: [{ bearer: ["read"] }, { bearer: ["tasks:work"] }]
      summary: Show a task with its attempts and steps
      responses:
        "200":
          description: The task
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Task"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}/events:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    get:
      operationId: listTaskEvents
      tags: [tasks]
      security: [{ bearer: ["read"] }, { bearer: ["tasks:work"] }]
      summary: Read a task's stream
      description: |
        Without an event to show, the answer is held back for up to `wait`.

        With `Accept: text/event-stream` the answer is a stream of server-sent events without an end: `id` is the
        version, `event` the type, `data` the record. `limit` and `wait` do not matter then. A comment every 15 s shows that it
        lives; it ends when the service stops, or when its reader takes less than 64 KiB in 30 s and more waits.
      parameters:
        - $ref: "#/components/parameters/From"
        - $ref: "#/components/parameters/Limit1000"
        - $ref: "#/components/parameters/Wait"
        - $ref: "#/components/parameters/PreferWait"
        - $ref: "#/components/parameters/LastEventID"
      responses:
        "200":
          description: Events, and the version to read on from
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/EventPage"
            text/event-stream:
              schema:
                type: string
              example: "id: 7\nevent: ProcessCompleted\ndata: {…}\n\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}/outcome:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    post:
      operationId: postOutcome
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Post the outcome of an attempt
      description: |
        The same outcome under the same lease again is answered as the first time, with `duplicate` true.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Outcome"
            example: { "lease_token": "1-5f2c", "outcome": "completed", "result": { "payment_id": "p1" } }
      responses:
        "200":
          description: The outcome was taken
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/OutcomeReceipt"
              example: { "task_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "recorded": true, "duplicate": false, "will_retry": false, "next_attempt_at": null, "process": { "process_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "status": "Running", "version": 6 } }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}/heartbeat:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    post:
      operationId: postHeartbeat
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Extend a lease
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Heartbeat"
            example: { "lease_token": "1-5f2c", "extend": "60s", "progress": { "percent": 40 } }
      responses:
        "200":
          description: The lease runs anew
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/HeartbeatReceipt"
              example: { "expires_at": "2026-01-31T12:02:00Z", "deadline": null, "cancel_requested": false }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}/steps:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    post:
      operationId: postStep
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Record a finished step
      description: |
        A later attempt gets the steps of earlier ones with its claim.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/StepRequest"
            example: { "lease_token": "1-5f2c", "name": "authorised", "data": { "code": "a7" } }
      responses:
        "200":
          description: The recorded step
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Step"
              example: { "name": "authorised", "data": { "code": "a7" }, "attempt": 1, "recorded_at": "2026-01-31T12:00:30Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /tasks/{task_id}/release:
    parameters:
      - $ref: "#/components/parameters/TaskID"
    post:
      operationId: postRelease
      tags: [tasks]
      security: [{ bearer: ["tasks:work"] }]
      summary: Give a task back
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Release"
            example: { "lease_token": "1-5f2c" }
      responses:
        "200":
          description: The task is no longer leased
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/ReleaseReceipt"
              example: { "task_id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "released": true }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /queues:
    get:
      operationId: listQueues
      tags: [tasks]
      security: [{ bearer: ["read"] }]
      summary: Count the open tasks of each type
      responses:
        "200":
          description: The queues
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Queues"
              example: { "queues": [{ "task_type": "charge-card", "ready": 1, "leased": 0, "delayed": 0, "oldest_ready_at": "2026-01-31T12:00:00Z", "workers": [{ "worker": "me", "last_poll_at": "2026-01-31T12:00:05Z" }] }] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes:
    get:
      operationId: listProcesses
      tags: [processes]
      security: [{ bearer: ["read"] }]
      summary: List processes
      description: |
        A page looks at 10,000 rows at most, with `state` at 1,000 processes: then it may hold fewer than `limit`, or none,
        and has `partial` true and `next`. `key` and `incident=true` are looked up, and not bounded so.

        With `after`, or with `Accept: text/event-stream`, changes are shown: processes as they are now, once a page, with
        the last fact that changed how they stand. A stream begins with what happens from now on, unless `after` or
        Last-Event-ID say otherwise; its `id` is the position, `event` the type of the change, `data` the process.
      parameters:
        - name: definition
          in: query
          description: Of this definition.
          schema: { type: string }
        - name: status
          in: query
          description: Any of these; a comma list, or repeated.
          schema: { type: array, items: { $ref: "#/components/schemas/ProcessStatus" } }
        - name: key
          in: query
          description: With this key.
          schema: { type: string }
        - name: state
          in: query
          description: With a machine in this state.
          schema: { type: string }
        - name: incident
          in: query
          description: With or without open incidents.
          schema: { type: boolean }
        - name: suspended
          in: query
          description: Suspended or not.
          schema: { type: boolean }
        - name: started_after
          in: query
          description: Started after this time.
          schema: { type: string, format: date-time }
        - name: started_before
          in: query
          description: Started before this time.
          schema: { type: string, format: date-time }
        - name: updated_after
          in: query
          description: Updated after this time.
          schema: { type: string, format: date-time }
        - name: updated_before
          in: query
          description: Updated before this time.
          schema: { type: string, format: date-time }
        - $ref: "#/components/parameters/Limit1000"
        - name: cursor
          in: query
          description: The `next` of the page before.
          schema: { type: string, pattern: "^c[1-9a-z][0-9a-z]{0,11}$" }
        - name: after
          in: query
          description: Instead of a page, show what changes after this position. Not together with `cursor`.
          schema: { type: integer, format: int64, minimum: 0 }
        - name: wait
          in: query
          description: With `after`, how long an answer with nothing in it may be held back; more than 60s is cut.
          schema: { anyOf: [{ const: "0" }, { $ref: "#/components/schemas/Duration" }], default: "0", examples: [30s] }
        - $ref: "#/components/parameters/PreferWait"
        - $ref: "#/components/parameters/LastEventID"
      responses:
        "200":
          description: Processes, and where to read on; with `after`, those that changed
          content:
            application/json:
              schema:
                oneOf:
                  - $ref: "#/components/schemas/ProcessPage"
                  - $ref: "#/components/schemas/ProcessChanges"
            text/event-stream:
              schema:
                type: string
              example: "id: 7\nevent: ProcessCompleted\ndata: {…}\n\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    get:
      operationId: showProcess
      tags: [processes]
      security: [{ bearer: ["read"] }]
      summary: Show a process, as it is or as it was
      parameters:
        - name: at
          in: query
          description: As of this version of its stream.
          schema: { type: integer, format: int64, minimum: 1 }
      responses:
        "200":
          description: The process
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    delete:
      operationId: deleteProcess
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Remove an ended process
      description: |
        With its stream, its tasks and their streams, what it published, its keys, its outbox, and what is known of its
        events. Positions are never given again.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      responses:
        "204":
          description: It is removed
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/events:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    get:
      operationId: listProcessEvents
      tags: [processes]
      security: [{ bearer: ["read"] }]
      summary: Read a process's stream
      description: |
        Without an event to show, the answer is held back for up to `wait`.

        With `Accept: text/event-stream` the answer is a stream of server-sent events without an end: `id` is the
        version, `event` the type, `data` the record. `limit` and `wait` do not matter then. A comment every 15 s shows that it
        lives; it ends when the service stops, or when its reader takes less than 64 KiB in 30 s and more waits.
      parameters:
        - $ref: "#/components/parameters/From"
        - $ref: "#/components/parameters/Limit1000"
        - $ref: "#/components/parameters/Wait"
        - $ref: "#/components/parameters/PreferWait"
        - $ref: "#/components/parameters/LastEventID"
      responses:
        "200":
          description: Events, and the version to read on from
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/EventPage"
            text/event-stream:
              schema:
                type: string
              example: "id: 7\nevent: ProcessCompleted\ndata: {…}\n\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/diagram:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    get:
      operationId: drawProcess
      tags: [processes]
      security: [{ bearer: ["read"] }]
      summary: Draw a process on the picture of its definition
      description: |
        The states it is in and the way it took. SVG, or with `Accept` the text of a Mermaid state diagram.
      parameters:
        - name: at
          in: query
          description: As of this version of its stream.
          schema: { type: integer, format: int64, minimum: 1 }
      responses:
        "200":
          description: The picture
          content:
            image/svg+xml:
              schema: { type: string }
            text/vnd.mermaid:
              schema: { type: string }
            text/plain:
              schema: { type: string }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/cancel:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    post:
      operationId: cancelProcess
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Cancel a process
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Cancel"
            example: { "reason": "customer called", "mode": "cooperative", "compensate": true, "deadline": "5m" }
      responses:
        "200":
          description: The process as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/suspend:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    post:
      operationId: suspendProcess
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Suspend a process
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Reason"
            example: { "reason": "maintenance" }
      responses:
        "200":
          description: The process as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/resume:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    post:
      operationId: resumeProcess
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Resume a suspended process
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Reason"
      responses:
        "200":
          description: The process as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/migrate:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
    post:
      operationId: migrateProcess
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Let a process go on under another version of its definition
      description: |
        A process that is on that version already is answered as it is; nothing is recorded. 409 `migration_refused`
        names in `errors` what the version lacks, for a dry run, too.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Migration"
            example: { "to_version": 2, "state_map": { "Charging": "Paying" }, "dry_run": true }
      responses:
        "200":
          description: The process as it is now, or as it would be
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/MigratedProcess"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/incidents/{incident_id}/retry:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
      - $ref: "#/components/parameters/IncidentID"
    post:
      operationId: retryIncident
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Try again what led to an incident
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/RetryRequest"
      responses:
        "200":
          description: The process as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /processes/{process_id}/incidents/{incident_id}/resolve:
    parameters:
      - $ref: "#/components/parameters/ProcessID"
      - $ref: "#/components/parameters/IncidentID"
    post:
      operationId: resolveIncident
      tags: [processes]
      security: [{ bearer: ["operate"] }]
      summary: Close an incident by hand
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Resolution"
            example: { "result": { "payment_id": "p1" } }
      responses:
        "200":
          description: The process as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Process"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /subscriptions:
    get:
      operationId: listSubscriptions
      tags: [subscriptions]
      security: [{ bearer: ["read"] }]
      summary: List the subscriptions by name
      responses:
        "200":
          description: The subscriptions
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Subscriptions"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /subscriptions/{name}:
    parameters:
      - $ref: "#/components/parameters/SubscriptionName"
    put:
      operationId: putSubscription
      tags: [subscriptions]
      security: [{ bearer: ["operate"] }]
      summary: Make a subscription, or change its filter
      description: |
        `from` counts for a new one only. A changed filter counts from the present place on, and a batch under way is lost.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
        - $ref: "#/components/parameters/IfNoneMatch"
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/SubscriptionRequest"
            example: { "category": "order-fulfilment", "types": ["ProcessCompleted"], "from": "start" }
      responses:
        "200":
          description: It was there already; its filter is this one now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Subscription"
        "201":
          description: A new subscription
          headers:
            Location:
              description: Its path
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Subscription"
        "400":
          $ref: "#/components/responses/BadRequest"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    get:
      operationId: showSubscription
      tags: [subscriptions]
      security: [{ bearer: ["read"] }]
      summary: Show a subscription, its place and its lag
      responses:
        "200":
          description: The subscription
          headers:
            ETag:
              description: Changes with the filter
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Subscription"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    delete:
      operationId: deleteSubscription
      tags: [subscriptions]
      security: [{ bearer: ["operate"] }]
      summary: Delete a subscription
      parameters:
        - $ref: "#/components/parameters/IfMatch"
        - $ref: "#/components/parameters/IdempotencyKey"
      responses:
        "204":
          description: It is deleted
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /subscriptions/{name}/events:
    parameters:
      - $ref: "#/components/parameters/SubscriptionName"
    get:
      operationId: readSubscription
      tags: [subscriptions]
      security: [{ bearer: ["read"] }]
      summary: Lease the next batch
      description: |
        Nobody else gets events of this subscription until the batch is acknowledged or the lease ends; then what was not
        acknowledged is the next batch again. Without events there is no token. HEAD leases nothing.
      parameters:
        - name: lease
          in: query
          description: For how long the batch is yours, from 1s to 12h.
          schema: { $ref: "#/components/schemas/Duration", default: 30s }
        - $ref: "#/components/parameters/Limit1000"
        - $ref: "#/components/parameters/Wait"
        - $ref: "#/components/parameters/PreferWait"
      responses:
        "200":
          description: Events, and what to acknowledge them with
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/SubscriptionBatch"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /subscriptions/{name}/ack:
    parameters:
      - $ref: "#/components/parameters/SubscriptionName"
    post:
      operationId: acknowledge
      tags: [subscriptions]
      security: [{ bearer: ["read"] }]
      summary: Acknowledge a batch, or part of it
      description: |
        The place moves forward only. What is left of the batch stays leased, anew for the same length.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Acknowledgement"
            example: { "position": 61, "token": "1-0123456789abcdef0123456789abcdef" }
      responses:
        "200":
          description: Where the subscription stands
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Acknowledged"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions:
    get:
      operationId: listDefinitions
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: List the newest version of each definition
      responses:
        "200":
          description: The definitions
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Definitions"
              example: { "definitions": [{ "name": "order-fulfilment", "version": 1, "description": "Charge, reserve, ship.", "created_at": "2026-01-31T12:00:00Z" }] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
    put:
      operationId: putDefinition
      tags: [definitions]
      security: [{ bearer: ["admin"] }]
      summary: Store a definition
      description: |
        At most 256 KiB. Content that equals the newest version makes no new one.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
        - $ref: "#/components/parameters/IfNoneMatch"
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Definition"
      responses:
        "200":
          description: The newest version has this content already
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DefinitionReceipt"
              example: { "name": "order-fulfilment", "version": 1, "warnings": [] }
        "201":
          description: A new version was stored
          headers:
            Location:
              description: Path of the new version
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DefinitionReceipt"
              example: { "name": "order-fulfilment", "version": 2, "warnings": [] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    get:
      operationId: showDefinition
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: Show the newest version
      parameters:
        - $ref: "#/components/parameters/IfNoneMatch"
        - $ref: "#/components/parameters/IfMatch"
      responses:
        "200":
          description: The definition
          headers:
            ETag:
              description: Names the version and its content
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/StoredDefinition"
        "304":
          description: You have it already
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/versions:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
    get:
      operationId: listVersions
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: List all versions of a definition
      responses:
        "200":
          description: The versions
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DefinitionVersions"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/versions/{version}:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
      - $ref: "#/components/parameters/DefinitionVersion"
    get:
      operationId: showDefinitionVersion
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: Show one version
      parameters:
        - $ref: "#/components/parameters/IfNoneMatch"
        - $ref: "#/components/parameters/IfMatch"
      responses:
        "200":
          description: The definition
          headers:
            ETag:
              description: Names the version and its content
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/StoredDefinition"
        "304":
          description: You have it already
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    delete:
      operationId: deleteDefinitionVersion
      tags: [definitions]
      security: [{ bearer: ["admin"] }]
      summary: Delete a version that no stored process ran on
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      responses:
        "200":
          description: It is deleted
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DeletedVersion"
              example: { "name": "order-fulfilment", "version": 1, "deleted": true }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/diagram:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
    get:
      operationId: drawDefinition
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: Draw the newest version as a state diagram
      description: |
        SVG, or with `Accept` the text of a Mermaid state diagram.
      responses:
        "200":
          description: The picture
          content:
            image/svg+xml:
              schema: { type: string }
            text/vnd.mermaid:
              schema: { type: string }
            text/plain:
              schema: { type: string }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/versions/{version}/diagram:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
      - $ref: "#/components/parameters/DefinitionVersion"
    get:
      operationId: drawDefinitionVersion
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: Draw one version as a state diagram
      responses:
        "200":
          description: The picture
          content:
            image/svg+xml:
              schema: { type: string }
            text/vnd.mermaid:
              schema: { type: string }
            text/plain:
              schema: { type: string }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/migrate:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
    post:
      operationId: migrateProcesses
      tags: [definitions]
      security: [{ bearer: ["operate"] }]
      summary: Let many processes go on under another version
      description: |
        One page of those that match the filters and are not on that version, newest first, in one transaction. Pass
        `next` as `cursor` to go on. A process that cannot be moved bears the `problem` and stops no other.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/BulkMigration"
            example: { "from_version": 1, "to_version": 2, "status": ["Running"], "dry_run": true, "limit": 100 }
      responses:
        "200":
          description: What became, or would become, of each process
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/BulkMigrated"
              example: { "to_version": 2, "dry_run": true, "processes": [{ "process_id": "65842b07-af0a-5464-b1f1-97dba5c78274", "key": "o1", "from_version": 1, "migrated": true, "state_map": { "main": { "Charging": "Paying" } }, "timers_kept": [], "timers_dropped": [], "would_plan": [{ "machine_id": "main", "on": "completed", "task_type": "book-courier" }] }], "next": "c2s" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /definitions/{name}/simulate:
    parameters:
      - $ref: "#/components/parameters/DefinitionName"
    post:
      operationId: simulate
      tags: [definitions]
      security: [{ bearer: ["read"] }]
      summary: Play a scenario in memory; nothing is stored
      description: |
        On the newest stored version, on `version`, or on the `definition` that is posted. At most 1,000 steps and 5
        seconds; a step that fails ends it, which is no problem of the request.
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Simulation"
            example: { "scenario": { "steps": [{ "post": { "type": "ApprovalRequested", "data": { "request_id": "r1" } } }, { "advance": "24h" }, { "expect_tasks": ["ask-for-approval", "send-reminder"] }] } }
      responses:
        "200":
          description: What happened
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Simulated"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks:
    get:
      operationId: listWebhooks
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: All endpoints
      responses:
        "200":
          description: The endpoints, oldest first
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/WebhookList"
              example: { "webhooks": [{ "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    post:
      operationId: createWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Register an endpoint
      description: |
        It is told of the `commands` and works on the `task_types` that it names, from now on; commands of the last three
        days that no endpoint wanted are given to it. The `secret` is shown here and nowhere else.
        With an Idempotency-Key the same request again gives the same answer, the secret included until it is rotated.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/NewWebhook"
            example: { "url": "https://example.org/hooks", "commands": ["alert-support"], "headers": { "Authorization": "Bearer abc" } }
      responses:
        "201":
          description: The endpoint, with its secret
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
            Location:
              description: Its path
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    get:
      operationId: getWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: One endpoint
      responses:
        "200":
          description: The endpoint
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    patch:
      operationId: changeWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Change an endpoint
      description: |
        What is not given stays as it is. `headers` replaces all of them; null takes away `definitions`, `headers`,
        `rate_per_second` and `description`. A change applies to deliveries that wait, too.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/WebhookChange"
            example: { "commands": ["alert-support", "call-customer"], "rate_per_second": null }
      responses:
        "200":
          description: The endpoint as it is now
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    delete:
      operationId: deleteWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Delete an endpoint
      description: |
        Its deliveries go with it, those that wait included. Its stream stays.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      responses:
        "200":
          description: It is gone
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DeletedWebhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "deleted": true }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/pause:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    post:
      operationId: pauseWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Send nothing for a while
      description: |
        Deliveries wait, and new ones come into being. A paused endpoint stays paused.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Nothing"
            example: {}
      responses:
        "200":
          description: The endpoint as it is now
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "status": "paused", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/resume:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    post:
      operationId: resumeWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Send again
      description: |
        Also enables an endpoint that was disabled; what no endpoint wanted meanwhile is given to it.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Nothing"
            example: {}
      responses:
        "200":
          description: The endpoint as it is now
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/rotate:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    post:
      operationId: rotateWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Sign with a new secret
      description: |
        Until the end of `grace` requests bear two signatures, one made with each secret.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Rotation"
            example: { "grace": "24h" }
      responses:
        "200":
          description: The endpoint, with its new secret
          headers:
            ETag:
              $ref: "#/components/headers/ETag"
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Webhook"
              example: { "id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "status": "active", "url": "https://example.org/hooks", "commands": ["alert-support"], "task_types": [], "max_in_flight": 10, "timeout": "15s", "ordered": false, "previous_secret_expires_at": "2026-02-01T12:00:00.000Z", "version": 1, "created_at": "2026-01-31T12:00:00.000Z", "updated_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/test:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    post:
      operationId: testWebhook
      tags: [webhooks]
      security: [{ bearer: ["admin"] }]
      summary: Send a message of the type webhook.test
      description: |
        One attempt, which does not count for the health of the endpoint. Look at the delivery for what came of it.
      parameters:
        - $ref: "#/components/parameters/IdempotencyKey"
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Nothing"
            example: {}
      responses:
        "202":
          description: The delivery
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/WebhookDelivery"
              example: { "id": "7a1b2c3d-1111-5222-8333-444455556666", "webhook_id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "type": "webhook.test", "status": "pending", "attempt_count": 0, "created_at": "2026-01-31T12:00:00.000Z", "next_attempt_at": "2026-01-31T12:00:00.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/redeliver:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    post:
      operationId: redeliverFailed
      tags: [webhooks]
      security: [{ bearer: ["operate"] }]
      summary: Send again what failed
      description: |
        One more attempt for each failed or exhausted delivery that came into being at `since` or later; at most 10,000 at a time, oldest first.
      parameters:
        - $ref: "#/components/parameters/IfMatch"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/RedeliverFailed"
            example: { "since": "2026-01-31T12:00:00Z" }
      responses:
        "202":
          description: How many
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Redelivered"
              example: { "redelivered": 17 }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "412":
          $ref: "#/components/responses/PreconditionFailed"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /webhooks/{webhook_id}/deliveries:
    parameters:
      - $ref: "#/components/parameters/WebhookID"
    get:
      operationId: listDeliveries
      tags: [webhooks]
      security: [{ bearer: ["operate"] }]
      summary: What an endpoint is sent, newest first
      parameters:
        - $ref: "#/components/parameters/DeliveryStatusFilter"
        - $ref: "#/components/parameters/Cursor"
        - $ref: "#/components/parameters/Limit1000"
      responses:
        "200":
          description: A page of deliveries
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/DeliveryList"
              example: { "deliveries": [{ "id": "0b8c7f52-6b1e-5a7d-8f43-2f8f0a9f9c10", "webhook_id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "type": "alert-support", "process_id": "65842b07-af0a-5464-b1f1-97dba5c78274", "status": "pending", "attempt_count": 1, "created_at": "2026-01-31T12:00:00.000Z", "next_attempt_at": "2026-01-31T12:00:05.000Z" }], "next": "c2s" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /deliveries/{delivery_id}:
    parameters:
      - $ref: "#/components/parameters/DeliveryID"
    get:
      operationId: getDelivery
      tags: [webhooks]
      security: [{ bearer: ["operate"] }]
      summary: One delivery with its attempts
      responses:
        "200":
          description: The delivery
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/WebhookDelivery"
              example: { "id": "0b8c7f52-6b1e-5a7d-8f43-2f8f0a9f9c10", "webhook_id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "type": "alert-support", "process_id": "65842b07-af0a-5464-b1f1-97dba5c78274", "status": "pending", "attempt_count": 1, "created_at": "2026-01-31T12:00:00.000Z", "next_attempt_at": "2026-01-31T12:00:05.000Z", "attempts": [{ "started_at": "2026-01-31T12:00:00.012Z", "duration_ms": 15000, "error": "timeout", "answer": "" }] }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /deliveries/{delivery_id}/redeliver:
    parameters:
      - $ref: "#/components/parameters/DeliveryID"
    post:
      operationId: redeliverDelivery
      tags: [webhooks]
      security: [{ bearer: ["operate"] }]
      summary: Send once more
      description: |
        One attempt now, under the same `webhook-id`; the schedule does not begin anew. A delivery that waits is sent at once and stays in its schedule.
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Nothing"
            example: {}
      responses:
        "202":
          description: The delivery
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/WebhookDelivery"
              example: { "id": "0b8c7f52-6b1e-5a7d-8f43-2f8f0a9f9c10", "webhook_id": "5d1f1a3e-0f1b-5c6e-9d3a-0a4f5b2c7e11", "type": "alert-support", "process_id": "65842b07-af0a-5464-b1f1-97dba5c78274", "status": "pending", "attempt_count": 1, "created_at": "2026-01-31T12:00:00.000Z", "next_attempt_at": "2026-01-31T12:00:05.000Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /livez:
    get:
      operationId: live
      tags: [service]
      security: []
      summary: Whether the service runs
      responses:
        "200":
          description: It runs
          content:
            text/plain:
              schema:
                type: string
              example: "ok\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        default:
          $ref: "#/components/responses/Problem"
  /readyz:
    get:
      operationId: ready
      tags: [service]
      security: []
      summary: Whether the store works and the service is not stopping
      responses:
        "200":
          description: It is ready
          content:
            text/plain:
              schema:
                type: string
              example: "ready\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        default:
          $ref: "#/components/responses/Problem"
  /metrics:
    get:
      operationId: metrics
      tags: [service]
      security: [{ bearer: ["read"] }]
      summary: Figures in Prometheus' text format 0.0.4, or in OpenMetrics 1.0 for who accepts it
      responses:
        "200":
          description: The figures
          content:
            text/plain:
              schema:
                type: string
              example: "# TYPE procession_events_total counter\nprocession_events_total 1\n"
            application/openmetrics-text:
              schema:
                type: string
              example: "# TYPE procession_events counter\nprocession_events_total 1\n# EOF\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /openapi.yaml:
    get:
      operationId: openAPI
      tags: [service]
      security: []
      summary: This description
      responses:
        "200":
          description: This description
          content:
            application/yaml:
              schema:
                description: An OpenAPI document.
              example: "openapi: 3.1.0\n"
        "400":
          $ref: "#/components/responses/BadRequest"
        default:
          $ref: "#/components/responses/Problem"
  /definition.schema.json:
    get:
      operationId: definitionSchema
      tags: [service]
      security: []
      summary: The JSON Schema of definitions, for editors
      responses:
        "200":
          description: The schema
          content:
            application/schema+json:
              schema:
                type: object
              example: { "$schema": "https://json-schema.org/draft/2020-12/schema" }
        "400":
          $ref: "#/components/responses/BadRequest"
        default:
          $ref: "#/components/responses/Problem"
  /clock:
    get:
      operationId: showClock
      tags: [service]
      security: [{ bearer: ["operate"] }]
      summary: The time that the service goes by; only with `--test-clock`
      responses:
        "200":
          description: The time
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Clock"
              example: { "now": "2026-01-31T12:00:00Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /clock/advance:
    post:
      operationId: advanceClock
      tags: [service]
      security: [{ bearer: ["operate"] }]
      summary: Move the test clock
      description: |
        Only with `--test-clock`; everything that becomes due is done before the answer.
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/ClockAdvance"
            example: { "by": "24h" }
      responses:
        "200":
          description: The new time
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Clock"
              example: { "now": "2026-02-01T12:00:00Z" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "409":
          $ref: "#/components/responses/Conflict"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /keys:
    post:
      operationId: createKey
      tags: [access]
      security: [{ bearer: ["admin"] }]
      summary: Make an API key
      description: |
        The answer is the only place where the secret ever stands. From the first key on, every request needs one; the
        first has to have the scope `admin`. A caller that is bound to a tenant makes keys for that tenant only.
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/NewKey"
            example: { "name": "shop", "scopes": ["events:write"], "expires_in": "2160h" }
      responses:
        "201":
          description: The key, with its secret
          headers:
            Location:
              schema: { type: string }
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/MadeKey"
              example: { "id": "0197c1f0-4d2a-7c11-8a5e-5d1f3b6c7e90", "name": "shop", "scopes": ["events:write"], "tenant": null, "created_at": "2026-01-31T12:00:00.000Z", "created_by": "root", "expires_at": "2026-05-01T12:00:00.000Z", "revoked_at": null, "last_used_at": null, "secret": "prc_…" }
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "413":
          $ref: "#/components/responses/TooLarge"
        "415":
          $ref: "#/components/responses/UnsupportedMediaType"
        "422":
          $ref: "#/components/responses/Unprocessable"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    get:
      operationId: listKeys
      tags: [access]
      security: [{ bearer: ["admin"] }]
      summary: List all API keys, oldest first
      description: |
        Revoked and expired ones too. A caller that is bound to a tenant sees the keys that are bound to it.
      responses:
        "200":
          description: The keys, without their secrets
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Keys"
        "400":
          $ref: "#/components/responses/BadRequest"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
  /keys/{id}:
    parameters:
      - name: id
        in: path
        required: true
        schema: { type: string, format: uuid }
    get:
      operationId: showKey
      tags: [access]
      security: [{ bearer: ["admin"] }]
      summary: Show an API key
      responses:
        "200":
          description: The key, without its secret
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Key"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
    delete:
      operationId: revokeKey
      tags: [access]
      security: [{ bearer: ["admin"] }]
      summary: Revoke an API key for good
      description: |
        When the answer is there, the key lets nobody in; streams of events that it opened end. A key that is revoked
        already stays as it is.
      responses:
        "200":
          description: The key as it is now
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Key"
        "400":
          $ref: "#/components/responses/BadRequest"
        "404":
          $ref: "#/components/responses/NotFound"
        "503":
          $ref: "#/components/responses/Unavailable"
        "401":
          $ref: "#/components/responses/Unauthorized"
        "403":
          $ref: "#/components/responses/Forbidden"
        "429":
          $ref: "#/components/responses/TooManyFailures"
        default:
          $ref: "#/components/responses/Problem"
webhooks:
  command:
    post:
      summary: A command of a process, or a cancelled task
      description: |
        What an endpoint is sent. `type` is the name of the command, `CancelTask` for a task that the endpoint holds and
        that was cancelled, or `webhook.test`. At least once: know a repeat by `webhook-id`.
      parameters:
        - $ref: "#/components/parameters/WebhookMessageID"
        - $ref: "#/components/parameters/WebhookTimestamp"
        - $ref: "#/components/parameters/WebhookSignature"
        - $ref: "#/components/parameters/Traceparent"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/WebhookMessage"
            example: { "type": "alert-support", "timestamp": "2026-01-31T12:00:00.000Z", "data": { "command_id": "9b0f3c9e-4d42-5b6f-8f0e-6f2d1a0c9b11", "command": "alert-support", "process_id": "65842b07-af0a-5464-b1f1-97dba5c78274", "definition": "order-fulfilment", "key": "o1", "correlation_id": null, "payload": { "order_id": "o1" } } }
      responses:
        "2XX":
          description: It is delivered
        "410":
          description: The endpoint wants nothing more and is disabled
        default:
          description: It is tried again, not before `Retry-After` (seconds or a date, a day at most), whatever the status
  task:
    post:
      summary: A task for an endpoint that is a worker
      description: |
        One attempt of a task whose type is among the endpoint's `task_types`. `webhook-id` is `<task_id>-<attempt>`; know
        what must not be done twice by `task_id`.
      parameters:
        - $ref: "#/components/parameters/WebhookMessageID"
        - $ref: "#/components/parameters/WebhookTimestamp"
        - $ref: "#/components/parameters/WebhookSignature"
        - $ref: "#/components/parameters/Traceparent"
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/TaskMessage"
      responses:
        "200":
          description: The outcome of the attempt; `lease_token` may be left out
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Outcome"
        "202":
          description: Accepted; the receiver posts the outcome itself, with the lease token
        "204":
          description: Accepted; the receiver posts the outcome itself, with the lease token
        "410":
          description: The endpoint wants nothing more and is disabled; the task is released
        default:
          description: The attempt failed
components:
  parameters:
    ProcessID:
      name: process_id
      in: path
      description: The process.
      required: true
      schema: { type: string, format: uuid }
    TaskID:
      name: task_id
      in: path
      description: The task.
      required: true
      schema: { type: string, format: uuid }
    IncidentID:
      name: incident_id
      in: path
      description: The incident.
      required: true
      schema: { type: string, format: uuid }
    WebhookID:
      name: webhook_id
      in: path
      description: The endpoint.
      required: true
      schema: { type: string, format: uuid }
    DeliveryID:
      name: delivery_id
      in: path
      description: The delivery; the receiver knows it as `webhook-id`.
      required: true
      schema: { type: string, format: uuid }
    DeliveryStatusFilter:
      name: status
      in: query
      description: Only those of this status.
      schema:
        $ref: "#/components/schemas/DeliveryStatus"
    Cursor:
      name: cursor
      in: query
      description: The `next` of the page before.
      schema: { type: string, pattern: "^c[1-9a-z][0-9a-z]{0,11}$" }
    IfMatch:
      name: If-Match
      in: header
      description: Only if it still has one of these entity tags; `*` for any.
      schema: { type: string, pattern: '^(\*|"[!#-~]{1,64}")$' }
    WebhookMessageID:
      name: webhook-id
      in: header
      description: The message; the same at every attempt, redelivered or not.
      required: true
      schema: { type: string }
    WebhookTimestamp:
      name: webhook-timestamp
      in: header
      description: Unix seconds of this attempt, in real time.
      required: true
      schema: { type: integer }
    WebhookSignature:
      name: webhook-signature
      in: header
      description: "`v1,` and the base64 of the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`; two of them, separated by a space, while a rotation is open."
      required: true
      schema: { type: string }
    IfNoneMatch:
      name: If-None-Match
      in: header
      description: Only if it has none of these entity tags; `*` only if there is none.
      schema: { type: string, pattern: '^(\*|"[!#-~]{1,64}")$' }
    SubscriptionName:
      name: name
      in: path
      description: Letters, digits, `.`, `_` and `-`.
      required: true
      schema: { type: string, pattern: '^[A-Za-z0-9._-]{1,64}$' }
    UnmatchedID:
      name: unmatched_id
      in: path
      description: The unmatched event.
      required: true
      schema: { type: integer, format: int64 }
    DefinitionName:
      name: name
      in: path
      description: A letter, then letters, digits, `_` and `-`.
      required: true
      schema: { type: string, pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }
    DefinitionVersion:
      name: version
      in: path
      description: The version, from 1.
      required: true
      schema: { type: integer, minimum: 1 }
    After:
      name: after
      in: query
      description: Only what comes after this; the `next` of the page before.
      schema: { type: integer, format: int64, minimum: 0, default: 0 }
    From:
      name: from
      in: query
      description: The first version to show; the `next` of the page before.
      schema: { type: integer, format: int64, minimum: 1, default: 1 }
    Limit1000:
      name: limit
      in: query
      description: At most this many; fewer, and at least one, where they would be more than 4 MiB. `next` leads to the rest.
      schema: { type: integer, minimum: 1, maximum: 1000, default: 100 }
    Wait:
      name: wait
      in: query
      description: How long an answer with nothing in it may be held back; more than 60s is cut.
      schema: { anyOf: [{ const: "0" }, { $ref: "#/components/schemas/Duration" }], default: "0", examples: [30s] }
    PreferWait:
      name: Prefer
      in: header
      description: "`wait=<seconds>` as in RFC 7240: the same as the parameter `wait`; the shorter of both counts."
      schema: { type: string, examples: ["wait=30"] }
    LastEventID:
      name: Last-Event-ID
      in: header
      description: Of a stream of server-sent events, the id of the last one received; it goes before the query.
      schema: { type: integer, format: int64, minimum: 0, maximum: 9223372036854775806 }
    CloudEventVersion:
      name: ce-specversion
      in: header
      description: Required in binary mode, as are ce-id, ce-source and ce-type.
      schema: { type: string, enum: ["1.0"] }
    CloudEventID:
      name: ce-id
      in: header
      description: With the source, it names the event.
      schema: { type: string, minLength: 1, maxLength: 1024 }
    CloudEventSource:
      name: ce-source
      in: header
      description: Where the event comes from.
      schema: { type: string, minLength: 1, maxLength: 1024 }
    CloudEventType:
      name: ce-type
      in: header
      description: The type of the event.
      schema: { type: string, minLength: 1, maxLength: 255 }
    CloudEventTime:
      name: ce-time
      in: header
      description: When it happened.
      schema: { type: string, description: A time as in RFC 3339. }
    Traceparent:
      name: traceparent
      in: header
      description: The trace of what the message belongs to (W3C Trace Context). An invalid one is ignored.
      schema: { type: string }
    IdempotencyKey:
      name: Idempotency-Key
      in: header
      description: 1 to 255 printable ASCII characters, quoted or not; the same again is the same request.
      schema: { type: string, minLength: 1, maxLength: 255, pattern: "^(\"[ !#-~]+\"|[!#-~]([ -~]*[!-~])?)$" }
  responses:
    Problem:
      description: Any other problem
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    BadRequest:
      description: The request is not as described here
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
          example: { "type": "urn:procession:problem:invalid_request", "title": "The request is not as documented", "status": 400, "detail": "'type' is required, a string", "code": "invalid_request", "errors": [{ "pointer": "/type", "message": "'type' is required, a string" }] }
    NotFound:
      description: There is no such thing
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    Conflict:
      description: The state of the thing does not allow it
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    PreconditionFailed:
      description: It is not as the request expects it to be
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    TooLarge:
      description: The body is too large
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    UnsupportedMediaType:
      description: The content type is not read here
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    Unprocessable:
      description: The content is refused
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    Unavailable:
      description: Try again after a while
      headers:
        Retry-After:
          description: Seconds
          schema: { type: integer, minimum: 1 }
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
    Unauthorized:
      description: There is no key or token, or it is not valid
      headers:
        WWW-Authenticate:
          schema: { type: string }
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
          example: { "type": "urn:procession:problem:unauthorized", "title": "A valid key or token is needed", "status": 401, "detail": "the key or token is not valid", "code": "unauthorized" }
    Forbidden:
      description: The key or token may not do this, or the request came from a foreign web page
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
          example: { "type": "urn:procession:problem:forbidden", "title": "The key or token may not do this", "status": 403, "detail": "this needs the scope 'operate'", "code": "forbidden", "scope": "operate" }
    TooManyFailures:
      description: Too many keys or tokens from this address were not valid
      headers:
        Retry-After:
          description: Seconds
          schema: { type: integer, minimum: 1 }
      content:
        application/problem+json:
          schema:
            $ref: "#/components/schemas/Problem"
  headers:
    ETag:
      description: Its version, for If-Match
      schema: { type: string }
  schemas:
    ProblemCode:
      type: string
      enum:
        - malformed_request
        - invalid_json
        - invalid_request
        - unknown_parameter
        - not_found
        - method_not_allowed
        - request_timeout
        - payload_too_large
        - target_too_long
        - unsupported_media_type
        - expectation_failed
        - fields_too_large
        - not_implemented
        - too_many_connections
        - http_version_not_supported
        - cross_origin
        - version_out_of_range
        - definition_invalid
        - event_type_reserved
        - source_reserved
        - event_id_reused
        - key_failed
        - process_missing
        - process_not_found
        - process_ended
        - task_not_found
        - task_ended
        - lease_lost
        - claim_reused
        - incident_not_found
        - incident_closed
        - incident_needs_retry
        - incident_not_mendable
        - process_ending
        - unmatched_not_found
        - still_unmatched
        - definition_not_found
        - definition_is_code
        - migration_refused
        - version_in_use
        - webhook_not_found
        - delivery_not_found
        - webhook_not_active
        - precondition_failed
        - idempotency_key_reused
        - no_test_clock
        - advance_too_long
        - conflict
        - overloaded
        - store_unavailable
        - shutting_down
        - unauthorized
        - forbidden
        - too_many_failures
        - command_reserved
        - key_not_found
        - key_expires_in_past
        - process_not_ended
        - subscription_not_found
        - position_beyond_batch
        - not_acceptable
    Nothing:
      type: object
      additionalProperties: false
    Label:
      type: string
      minLength: 1
      maxLength: 255
      pattern: "^[^\\x00-\\x20\\x7f]+$"
    NewWebhook:
      type: object
      description: At least one of `commands` and `task_types` names something.
      required: [url]
      anyOf:
        - { required: [commands], properties: { commands: { type: array, minItems: 1, items: { $ref: "#/components/schemas/Label" } } } }
        - { required: [task_types], properties: { task_types: { type: array, minItems: 1, items: { $ref: "#/components/schemas/Label" } } } }
      additionalProperties: false
      properties:
        url: { type: string, description: An http or https URL., maxLength: 2048 }
        commands: { type: [array, "null"], items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Commands that it is told of. }
        task_types: { type: [array, "null"], items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Task types that it works on. }
        definitions: { type: [array, "null"], items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Only of processes of these definitions. }
        headers: { type: [object, "null"], propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" }, additionalProperties: { type: string, maxLength: 4096, pattern: "^([^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)?$" }, maxProperties: 20, description: Header fields that each request carries. Their values are never shown again. }
        max_in_flight: { type: [integer, "null"], minimum: 1, maximum: 100, default: 10 }
        rate_per_second: { type: [integer, "null"], minimum: 1, maximum: 10000 }
        timeout: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }], default: 15s, description: "Of one request, from 1s to 5m." }
        ordered: { type: [boolean, "null"], default: false, description: Of one process, a delivery waits until the one before it is delivered or given up. }
        description: { type: [string, "null"], maxLength: 1000 }
    WebhookChange:
      type: object
      additionalProperties: false
      properties:
        url: { type: string, description: An http or https URL., maxLength: 2048 }
        commands: { type: array, items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Commands that it is told of. }
        task_types: { type: array, items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Task types that it works on. }
        definitions: { type: [array, "null"], items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Only of processes of these definitions. }
        headers: { type: [object, "null"], propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$" }, additionalProperties: { type: string, maxLength: 4096, pattern: "^([^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)?$" }, maxProperties: 20, description: Header fields that each request carries. Their values are never shown again. }
        max_in_flight: { type: integer, minimum: 1, maximum: 100, default: 10 }
        rate_per_second: { type: [integer, "null"], minimum: 1, maximum: 10000 }
        timeout: { $ref: "#/components/schemas/Duration", default: 15s, description: "Of one request, from 1s to 5m." }
        ordered: { type: boolean, default: false, description: Of one process, a delivery waits until the one before it is delivered or given up. }
        description: { type: [string, "null"], maxLength: 1000 }
    Webhook:
      type: object
      required: [id, status, url, commands, task_types, max_in_flight, timeout, ordered, version, created_at, updated_at]
      properties:
        id: { type: string, format: uuid }
        secret: { type: string, description: "`whsec_` and the key in base64. Only where a request made it." }
        status: { type: string, enum: [active, paused, disabled] }
        disabled_reason: { type: string, enum: [gone, failing] }
        failing_since: { type: string, format: date-time, description: Nothing succeeded since then. }
        previous_secret_expires_at: { type: string, format: date-time, description: Until then the secret before signs too. }
        version: { type: integer, description: Of the endpoint's stream. }
        created_at: { type: string, format: date-time }
        updated_at: { type: string, format: date-time }
        url: { type: string, description: An http or https URL., maxLength: 2048 }
        commands: { type: array, items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Commands that it is told of. }
        task_types: { type: array, items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Task types that it works on. }
        definitions: { type: array, items: { $ref: "#/components/schemas/Label" }, maxItems: 100, description: Only of processes of these definitions. }
        header_names: { type: array, items: { type: string }, description: Header fields that each request carries. }
        max_in_flight: { type: integer, minimum: 1, maximum: 100, default: 10 }
        rate_per_second: { type: integer, minimum: 1, maximum: 10000 }
        timeout: { $ref: "#/components/schemas/Duration", default: 15s, description: "Of one request, from 1s to 5m." }
        ordered: { type: boolean, default: false, description: Of one process, a delivery waits until the one before it is delivered or given up. }
        description: { type: [string, "null"], maxLength: 1000 }
    WebhookList:
      type: object
      required: [webhooks]
      properties:
        webhooks: { type: array, items: { $ref: "#/components/schemas/Webhook" } }
    DeletedWebhook:
      type: object
      required: [id, deleted]
      properties:
        id: { type: string, format: uuid }
        deleted: { type: boolean, const: true }
    Rotation:
      type: object
      additionalProperties: false
      properties:
        grace: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }], default: 24h, description: "How long the old secret signs too, from 0s to 168h." }
    RedeliverFailed:
      type: object
      required: [since]
      additionalProperties: false
      properties:
        since: { type: string, format: date-time }
    Redelivered:
      type: object
      required: [redelivered]
      properties:
        redelivered: { type: integer, minimum: 0 }
    DeliveryStatus:
      type: string
      enum: [pending, delivered, failed, exhausted]
    WebhookDelivery:
      type: object
      required: [id, webhook_id, type, status, attempt_count, created_at]
      properties:
        id: { type: string, format: uuid, description: The receiver knows it as `webhook-id`. }
        webhook_id: { type: string, format: uuid }
        type: { type: string, description: "A command's name, `CancelTask` or `webhook.test`." }
        process_id: { type: string, format: uuid }
        status:
          $ref: "#/components/schemas/DeliveryStatus"
        attempt_count: { type: integer, minimum: 0 }
        created_at: { type: string, format: date-time }
        next_attempt_at: { type: string, format: date-time, description: "Absent when it has ended, or waits for the one before it." }
        ended_at: { type: string, format: date-time }
        attempts:
          type: array
          description: In order; only where one delivery is shown, a list has `attempt_count` alone.
          items:
            $ref: "#/components/schemas/DeliveryAttempt"
    DeliveryAttempt:
      type: object
      required: [started_at, duration_ms, answer]
      properties:
        started_at: { type: string, format: date-time, description: In real time. }
        duration_ms: { type: integer, minimum: 0 }
        status: { type: integer, description: The status of the answer; absent without one. }
        error: { type: string, description: Why there was no answer or why it did not count. }
        answer: { type: string, description: The first 4 KiB of the answer's body. }
    DeliveryList:
      type: object
      required: [deliveries]
      properties:
        deliveries: { type: array, items: { $ref: "#/components/schemas/WebhookDelivery" } }
        next: { type: string, description: Pass it as `cursor`; absent on the last page. }
    WebhookMessage:
      type: object
      required: [type, timestamp, data]
      properties:
        type: { type: string }
        timestamp: { type: string, format: date-time, description: When it was recorded. }
        data:
          type: object
          description: "Of a command. That of `webhook.test` is `{webhook_id}`."
          properties:
            command_id: { type: string, format: uuid }
            command: { type: string }
            process_id: { type: string, format: uuid }
            definition: { type: string }
            key: { type: string }
            correlation_id: { type: [string, "null"] }
            payload: { description: "What the definition says; of a `CancelTask`, `{task_id, task_type, attempt}`." }
    TaskMessage:
      type: object
      required: [type, timestamp, data]
      properties:
        type: { type: string, description: The type of the task. }
        timestamp: { type: string, format: date-time, description: When the task was scheduled. }
        data:
          $ref: "#/components/schemas/ClaimedTask"
    Fault:
      type: object
      description: One fault and its place.
      required: [message]
      properties:
        message: { type: string }
        pointer: { type: string, description: A JSON Pointer into the body. }
        parameter: { type: string, description: The name of a query parameter. }
        header: { type: string, description: The name of a header field. }
        column: { type: integer }
        hint: { type: string }
    Problem:
      type: object
      description: RFC 9457. Clients go by `code`; `process_ended` and `task_ended` bear members of their own.
      required: [type, title, status, detail, code]
      properties:
        type: { type: string }
        title: { type: string }
        status: { type: integer }
        detail: { type: string }
        code: { $ref: "#/components/schemas/ProblemCode" }
        instance: { type: string, description: "`urn:procession:request:` and the answer's `X-Request-Id`. The problems inside of an answer with several results have none." }
        errors: { type: array, items: { $ref: "#/components/schemas/Fault" } }
        process_id: { type: string, format: uuid }
        process_status: { $ref: "#/components/schemas/ProcessStatus" }
        task_id: { type: string, format: uuid }
        outcome: { type: string }
        lease: { type: string, enum: [unknown, expired, released, answered], description: "Of `lease_lost`: why the token is not that of the running lease; `unknown` is one that was never given." }
        position: { type: integer, format: int64, description: "Of `lease_lost` at a subscription: where it stands." }
      additionalProperties: true
    ProcessStatus:
      type: string
      enum: [New, Running, Cancelling, Compensating, Completed, Cancelled, Failed]
    PlainEvent:
      type: object
      description: Lengths count bytes. A `traceparent` that is not valid is dropped.
      required: [type]
      properties:
        type: { type: string, minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        id: { type: [string, "null"], minLength: 1, maxLength: 1024, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        source: { type: [string, "null"], minLength: 1, maxLength: 1024, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        time: { type: [string, "null"], format: date-time }
        data: {}
        correlation_id: { type: [string, "null"], minLength: 1, maxLength: 1024, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        causation_id: { type: [string, "null"], minLength: 1, maxLength: 1024, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        traceparent: { type: [string, "null"] }
      additionalProperties: false
    CloudEvent:
      type: object
      description: CloudEvents 1.0 in JSON. Further attributes are kept; `data` and `data_base64` exclude each other.
      required: [specversion, id, source, type]
      properties:
        specversion: { type: string, const: "1.0" }
        id: { type: string, minLength: 1, maxLength: 1024 }
        source: { type: string, minLength: 1, maxLength: 1024 }
        type: { type: string, minLength: 1, maxLength: 255 }
        time: { type: string, format: date-time }
        data: {}
        data_base64: { type: string, contentEncoding: base64 }
        subject: { type: string, minLength: 1 }
        datacontenttype: { type: string, minLength: 1 }
        dataschema: { type: string, minLength: 1 }
        correlationid: { type: string, minLength: 1, maxLength: 1024 }
        causationid: { type: string, minLength: 1, maxLength: 1024 }
        traceparent: { type: string }
      additionalProperties: { type: [string, boolean, integer, "null"] }
    Delivery:
      type: object
      description: What one process made of an event.
      required: [process_id, definition, definition_version, key, version, status, started]
      properties:
        process_id: { type: string, format: uuid }
        definition: { type: string }
        definition_version: { type: integer }
        key: { type: string }
        version: { type: integer, format: int64 }
        status: { $ref: "#/components/schemas/ProcessStatus" }
        started: { type: boolean }
        ignored:
          type: string
          enum: [ended, cancelling, compensating]
          description: >
            No machine was asked. `ended`: the process had ended, its stream did not change. Else the process is on the way
            to its end, and the event is recorded. Such an event is also in the list of unmatched events, unless the
            definition says `"when_ended": "ignore"`.
        taken: { type: boolean, description: "Some machine took the event or came into being with it. False: it is recorded and nothing came of it, or it waits." }
        deferred: { type: boolean, const: true, description: "Some machine put it off." }
        queued: { type: boolean, const: true, description: "It waits until the start of the process is retried." }
        incident:
          type: object
          description: The first incident that it led to in this process.
          required: [incident_id, kind, message]
          properties:
            incident_id: { type: string, format: uuid }
            kind: { type: string }
            message: { type: string }
            pointer: { type: string }
        incidents: { type: integer, description: "How many incidents it led to in this process." }
    EventReceipt:
      type: object
      required: [event_id, duplicate, processes, held, unmatched]
      properties:
        event_id: { type: string }
        duplicate: { type: boolean }
        processes: { type: array, items: { $ref: "#/components/schemas/Delivery" } }
        held: { type: boolean }
        unmatched: { type: boolean }
    BatchReceipt:
      type: object
      required: [results]
      properties:
        results: { type: array, items: { oneOf: [{ $ref: "#/components/schemas/EventReceipt" }, { $ref: "#/components/schemas/Problem" }] } }
    RecordedEvent:
      type: object
      required: [position, stream, version, event_id, type, data, recorded_at]
      properties:
        position: { type: integer, format: int64 }
        stream: { type: object, required: [category, id], properties: { category: { type: [string, "null"] }, id: { type: string } } }
        version: { type: integer, format: int64 }
        event_id: { type: string }
        type: { type: string }
        data: {}
        recorded_at: { type: string, format: date-time }
        source: { type: string }
        time: { type: string, format: date-time }
        correlation_id: { type: string }
        causation_id: { type: string }
        traceparent: { type: string }
        extensions: { type: object }
        observed: { type: object, description: "Of an input: what its decision knew beside the stream, and by which rules it was made." }
    EventPage:
      type: object
      required: [events, next]
      properties:
        events: { type: array, items: { $ref: "#/components/schemas/RecordedEvent" } }
        next: { type: integer, format: int64 }
    UnmatchedEvent:
      type: object
      required: [unmatched_id, event_id, reason, received_at, type, data]
      properties:
        unmatched_id: { type: integer, format: int64 }
        event_id: { type: string }
        reason: { type: string, enum: [ignored, expired, key_failed, not_in_version, no_definition, ended, cancelling, compensating] }
        taken: { type: boolean, const: true, description: "Some machine took it, while it waited for another." }
        received_at: { type: string, format: date-time }
        type: { type: string }
        data: {}
        definition: { type: string }
        source: { type: string }
        time: { type: string, format: date-time }
        correlation_id: { type: string }
        causation_id: { type: string }
        traceparent: { type: string }
        extensions: { type: object }
    UnmatchedPage:
      type: object
      required: [events, next]
      properties:
        events: { type: array, items: { $ref: "#/components/schemas/UnmatchedEvent" } }
        next: { type: integer, format: int64 }
    Step:
      type: object
      required: [name, data, attempt, recorded_at]
      properties:
        name: { type: string }
        data: {}
        attempt: { type: integer }
        recorded_at: { type: string, format: date-time }
    ClaimedTask:
      type: object
      required: [task_id, task_stream_id, task_type, process_id, definition, key, machine_id, transition_id, attempt, max_attempts, input, steps, progress, lease, deadline, scheduled_at, correlation_id, traceparent, tracestate]
      properties:
        task_id: { type: string, format: uuid }
        task_stream_id: { type: string }
        task_type: { type: string }
        process_id: { type: string, format: uuid }
        definition: { type: string }
        key: { type: string }
        machine_id: { type: string }
        transition_id: { type: string }
        attempt: { type: integer }
        max_attempts: { type: integer }
        input: {}
        steps: { type: array, items: { $ref: "#/components/schemas/Step" } }
        progress: {}
        lease: { type: object, required: [token, expires_at], properties: { token: { type: string }, expires_at: { type: string, format: date-time } } }
        deadline: { type: [string, "null"], format: date-time }
        scheduled_at: { type: string, format: date-time }
        correlation_id: { type: [string, "null"] }
        traceparent: { type: [string, "null"] }
        tracestate: { type: [string, "null"] }
    ClaimedTasks:
      type: object
      required: [tasks]
      properties:
        tasks: { type: array, items: { $ref: "#/components/schemas/ClaimedTask" } }
    OutcomeCompleted:
      type: object
      required: [lease_token, outcome]
      properties:
        lease_token: { type: string }
        outcome: { type: string, const: completed }
        result: {}
      additionalProperties: false
    OutcomeFailed:
      type: object
      required: [lease_token, outcome, reason]
      properties:
        lease_token: { type: string }
        outcome: { type: string, const: failed }
        reason: { type: string }
        code: { type: [string, "null"], minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        retryable: { type: [boolean, "null"], default: true }
        retry_after: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }] }
      additionalProperties: false
    OutcomeCancelled:
      type: object
      required: [lease_token, outcome]
      properties:
        lease_token: { type: string }
        outcome: { type: string, const: cancelled }
        reason: { type: [string, "null"] }
      additionalProperties: false
    Outcome:
      oneOf:
        - $ref: "#/components/schemas/OutcomeCompleted"
        - $ref: "#/components/schemas/OutcomeFailed"
        - $ref: "#/components/schemas/OutcomeCancelled"
    OutcomeOfTaskCompleted:
      type: object
      required: [task_id, lease_token, outcome]
      properties:
        task_id: { type: string, format: uuid }
        lease_token: { type: string }
        outcome: { type: string, const: completed }
        result: {}
      additionalProperties: false
    OutcomeOfTaskFailed:
      type: object
      required: [task_id, lease_token, outcome, reason]
      properties:
        task_id: { type: string, format: uuid }
        lease_token: { type: string }
        outcome: { type: string, const: failed }
        reason: { type: string }
        code: { type: string, minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        retryable: { type: boolean, default: true }
        retry_after: { $ref: "#/components/schemas/Duration" }
      additionalProperties: false
    OutcomeOfTaskCancelled:
      type: object
      required: [task_id, lease_token, outcome]
      properties:
        task_id: { type: string, format: uuid }
        lease_token: { type: string }
        outcome: { type: string, const: cancelled }
        reason: { type: string }
      additionalProperties: false
    OutcomeOfTask:
      oneOf:
        - $ref: "#/components/schemas/OutcomeOfTaskCompleted"
        - $ref: "#/components/schemas/OutcomeOfTaskFailed"
        - $ref: "#/components/schemas/OutcomeOfTaskCancelled"
    OutcomeBatch:
      type: object
      required: [outcomes]
      properties:
        outcomes: { type: array, minItems: 1, maxItems: 100, items: { $ref: "#/components/schemas/OutcomeOfTask" } }
      additionalProperties: false
    OutcomeReceipt:
      type: object
      description: The member `recorded` says that a final outcome was written; it is false when another attempt follows.
      required: [task_id, recorded, duplicate, will_retry, next_attempt_at, process]
      properties:
        task_id: { type: string, format: uuid }
        recorded: { type: boolean }
        duplicate: { type: boolean }
        will_retry: { type: boolean }
        next_attempt_at: { type: [string, "null"], format: date-time }
        process: { type: object, required: [process_id, status, version], properties: { process_id: { type: string, format: uuid }, status: { $ref: "#/components/schemas/ProcessStatus" }, version: { type: integer, format: int64 } } }
    OutcomeRefusal:
      type: object
      required: [task_id, status, problem]
      properties:
        task_id: { type: string, format: uuid }
        status: { type: integer }
        problem: { $ref: "#/components/schemas/Problem" }
    OutcomeTaken:
      allOf:
        - $ref: "#/components/schemas/OutcomeReceipt"
        - type: object
          required: [status]
          properties:
            status: { type: integer, enum: [200] }
    OutcomeResult:
      oneOf:
        - $ref: "#/components/schemas/OutcomeTaken"
        - $ref: "#/components/schemas/OutcomeRefusal"
    OutcomeResults:
      type: object
      required: [results]
      properties:
        results: { type: array, items: { $ref: "#/components/schemas/OutcomeResult" } }
    Heartbeat:
      type: object
      required: [lease_token]
      properties:
        lease_token: { type: string }
        extend: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }], description: "1s to 12h, without it as long as at the claim." }
        progress: {}
      additionalProperties: false
    HeartbeatReceipt:
      type: object
      required: [expires_at, deadline, cancel_requested]
      properties:
        expires_at: { type: string, format: date-time }
        deadline: { type: [string, "null"], format: date-time }
        cancel_requested: { type: boolean }
    StepRequest:
      type: object
      required: [lease_token, name]
      properties:
        lease_token: { type: string }
        name: { type: string, minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$" }
        data: {}
      additionalProperties: false
    Release:
      type: object
      required: [lease_token]
      properties:
        lease_token: { type: string }
      additionalProperties: false
    ReleaseReceipt:
      type: object
      required: [task_id, released]
      properties:
        task_id: { type: string, format: uuid }
        released: { type: boolean }
    Attempt:
      type: object
      required: [attempt, worker, started_at, ended_at, outcome, code, reason]
      properties:
        attempt: { type: integer }
        worker: { type: string }
        started_at: { type: string, format: date-time }
        ended_at: { type: [string, "null"], format: date-time }
        outcome: { type: [string, "null"] }
        code: { type: [string, "null"] }
        reason: { type: [string, "null"] }
    Task:
      type: object
      required: [task_id, task_stream_id, task_type, status, process_id, definition, key, machine_id, transition_id, attempt, max_attempts, priority, input, attempts, steps, progress, deadline, scheduled_at]
      properties:
        task_id: { type: string, format: uuid }
        task_stream_id: { type: string }
        task_type: { type: string }
        status: { type: string, enum: [ready, leased, delayed, completed, failed, cancelled] }
        process_id: { type: string, format: uuid }
        definition: { type: string }
        key: { type: string }
        machine_id: { type: string }
        transition_id: { type: string }
        attempt: { type: integer }
        max_attempts: { type: integer }
        priority: { type: integer }
        input: {}
        attempts: { type: array, items: { $ref: "#/components/schemas/Attempt" } }
        steps: { type: array, items: { $ref: "#/components/schemas/Step" } }
        progress: {}
        deadline: { type: [string, "null"], format: date-time }
        scheduled_at: { type: string, format: date-time }
        next_attempt_at: { type: string, format: date-time }
    Poll:
      type: object
      required: [worker, last_poll_at]
      properties:
        worker: { type: string }
        last_poll_at: { type: string, format: date-time }
    Queue:
      type: object
      required: [task_type, ready, leased, delayed, oldest_ready_at, workers]
      properties:
        task_type: { type: string }
        ready: { type: integer }
        leased: { type: integer }
        delayed: { type: integer }
        oldest_ready_at: { type: [string, "null"], format: date-time }
        workers: { type: array, items: { $ref: "#/components/schemas/Poll" } }
    Queues:
      type: object
      required: [queues]
      properties:
        queues: { type: array, items: { $ref: "#/components/schemas/Queue" } }
    ActiveTask:
      type: object
      description: Without `status` and `attempt` where the process is shown as of an earlier version.
      required: [task_id, task_type, transition_id, machine_id]
      properties:
        task_id: { type: string, format: uuid }
        task_type: { type: string }
        transition_id: { type: string }
        machine_id: { type: string }
        status: { type: string, enum: [ready, leased, delayed] }
        attempt: { type: integer }
        next_attempt_at: { type: string, format: date-time }
    Timer:
      type: object
      required: [timer_id, machine_id, due_at]
      properties:
        timer_id: { type: string }
        machine_id: { type: [string, "null"] }
        due_at: { type: string, format: date-time }
        name: { type: string }
    Incident:
      type: object
      required: [incident_id, kind, message, raised_at]
      properties:
        incident_id: { type: string, format: uuid }
        kind: { type: string, enum: [task_failed, expression_failed, too_many_rounds, limit_exceeded, correlation_taken, definition_missing] }
        message: { type: string }
        raised_at: { type: string, format: date-time }
        task_id: { type: string, format: uuid }
        pointer: { type: string }
    Process:
      type: object
      required: [process_id, definition, definition_version, key, status, suspended, version, data, machine_state, active_tasks, timers, incidents, correlations, started_at, updated_at]
      properties:
        process_id: { type: string, format: uuid }
        definition: { type: string }
        definition_version: { type: integer }
        key: { type: string }
        status: { $ref: "#/components/schemas/ProcessStatus" }
        suspended: { type: boolean }
        version: { type: integer, format: int64 }
        data: { type: object }
        machine_state: { type: object, description: The state of each machine., additionalProperties: { type: string } }
        active_tasks: { type: array, items: { $ref: "#/components/schemas/ActiveTask" } }
        timers: { type: array, items: { $ref: "#/components/schemas/Timer" } }
        incidents: { type: array, items: { $ref: "#/components/schemas/Incident" } }
        correlations: { type: object, additionalProperties: { oneOf: [{ type: string }, { type: array, items: { type: string } }] } }
        started_at: { type: string, format: date-time }
        updated_at: { type: string, format: date-time }
        reason: { type: string }
        result: {}
        ended_at: { type: string, format: date-time }
        parent:
          type: object
          description: The task that it does as a child process.
          required: [process_id, task_id]
          properties:
            process_id: { type: string, format: uuid }
            task_id: { type: string, format: uuid }
    ProcessSummary:
      type: object
      required: [process_id, definition, definition_version, key, status, suspended, incidents, version, started_at, updated_at]
      properties:
        process_id: { type: string, format: uuid }
        definition: { type: string }
        definition_version: { type: integer }
        key: { type: string }
        status: { $ref: "#/components/schemas/ProcessStatus" }
        suspended: { type: boolean }
        incidents: { type: integer, description: How many are open. }
        version: { type: integer, format: int64 }
        started_at: { type: string, format: date-time }
        updated_at: { type: string, format: date-time }
        ended_at: { type: string, format: date-time }
    ProcessPage:
      type: object
      required: [processes, position]
      properties:
        processes: { type: array, items: { $ref: "#/components/schemas/ProcessSummary" } }
        next: { type: string, description: "A cursor, absent on the last page." }
        partial: { type: boolean, description: "True where the page ended before its limit because enough was looked at; go on with `next`." }
        position: { type: integer, format: int64, description: "The place in the order of events that the page shows; the `after` for changes." }
    ProcessChanges:
      type: object
      required: [processes, next]
      properties:
        processes:
          type: array
          items:
            allOf:
              - $ref: "#/components/schemas/ProcessSummary"
              - type: object
                required: [change]
                properties:
                  change:
                    type: object
                    required: [type, position]
                    properties:
                      type: { type: string, description: The last fact that changed how it stands. }
                      position: { type: integer, format: int64 }
        next: { type: integer, format: int64, description: The `after` to go on from. }
    SubscriptionRequest:
      type: object
      properties:
        category: { type: [string, "null"], minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$", description: Streams of exactly this category. }
        types: { type: [array, "null"], maxItems: 100, items: { type: string, minLength: 1, maxLength: 255, pattern: "^[^\\x00-\\x1f\\x7f]+$" }, description: Exactly these event types; empty for all. }
        from:
          description: Where a new one begins; behind a position.
          oneOf:
            - { type: string, enum: [start, now], default: start }
            - { type: integer, format: int64, minimum: 0 }
            - { type: "null" }
      additionalProperties: false
    Subscription:
      type: object
      required: [name, types, position, lag, leased_until, created_at, updated_at]
      properties:
        name: { type: string }
        category: { type: string }
        types: { type: array, items: { type: string } }
        position: { type: integer, format: int64, description: Everything up to here is done with. }
        lag: { type: integer, format: int64, description: "Positions behind it: as many events as that, or fewer." }
        leased_until: { type: [string, "null"], format: date-time, description: When the lease of the batch under way ends. }
        created_at: { type: string, format: date-time }
        updated_at: { type: string, format: date-time, description: When the filter changed last. }
    Subscriptions:
      type: object
      required: [subscriptions]
      properties:
        subscriptions: { type: array, items: { $ref: "#/components/schemas/Subscription" } }
    SubscriptionBatch:
      type: object
      required: [events, next, token, expires_at]
      properties:
        events: { type: array, items: { $ref: "#/components/schemas/RecordedEvent" } }
        next: { type: integer, format: int64, description: What to acknowledge for the whole batch. }
        token: { type: [string, "null"], description: Null without events. }
        expires_at: { type: [string, "null"], format: date-time }
    Acknowledgement:
      type: object
      required: [position, token]
      properties:
        position: { type: integer, format: int64, minimum: 0 }
        token: { type: string }
      additionalProperties: false
    Acknowledged:
      type: object
      required: [position, expires_at]
      properties:
        position: { type: integer, format: int64 }
        expires_at: { type: [string, "null"], format: date-time, description: When the lease on the rest ends; null when nothing is left. }
    Cancel:
      type: object
      properties:
        reason: { type: [string, "null"] }
        mode: { type: [string, "null"], enum: [hard, cooperative, null] }
        compensate: { type: [boolean, "null"] }
        deadline: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }] }
      additionalProperties: false
    Reason:
      type: object
      properties:
        reason: { type: [string, "null"] }
      additionalProperties: false
    RetryRequest:
      type: object
      additionalProperties: false
      properties:
        input: { description: "Replaces the data of the recorded event, the result of the recorded outcome, or the input of the failed task, for this and every later reading." }
        set: { type: object, description: "Members of the process data that are written before." }
        reason: { type: string }
    Empty:
      type: object
      additionalProperties: false
    StateMap:
      type: object
      description: Old state to new state, for all machines or by machine.
      additionalProperties:
        oneOf:
          - { type: string }
          - { type: object, additionalProperties: { type: string } }
    Migration:
      type: object
      required: [to_version]
      properties:
        to_version: { type: integer, minimum: 1, maximum: 2147483647 }
        state_map: { anyOf: [{ $ref: "#/components/schemas/StateMap" }, { type: "null" }] }
        enter: { type: [boolean, "null"], default: false, description: Machines in mapped states enter their new states. }
        dry_run: { type: [boolean, "null"], default: false, description: Nothing is recorded. }
        reason: { type: [string, "null"] }
      additionalProperties: false
    BulkMigration:
      type: object
      required: [to_version]
      properties:
        to_version: { type: integer, minimum: 1, maximum: 2147483647 }
        state_map: { anyOf: [{ $ref: "#/components/schemas/StateMap" }, { type: "null" }] }
        enter: { type: [boolean, "null"], default: false }
        dry_run: { type: [boolean, "null"], default: false }
        reason: { type: [string, "null"] }
        from_version: { type: [integer, "null"], minimum: 1, maximum: 2147483647 }
        key: { type: [string, "null"] }
        status: { oneOf: [{ type: "null" }, { $ref: "#/components/schemas/ProcessStatus" }, { type: array, items: { $ref: "#/components/schemas/ProcessStatus" } }] }
        state: { type: [string, "null"] }
        incident: { type: [boolean, "null"] }
        suspended: { type: [boolean, "null"] }
        started_after: { type: [string, "null"], format: date-time }
        started_before: { type: [string, "null"], format: date-time }
        updated_after: { type: [string, "null"], format: date-time }
        updated_before: { type: [string, "null"], format: date-time }
        limit: { type: [integer, "null"], minimum: 1, maximum: 200, default: 100 }
        cursor: { type: [string, "null"], pattern: "^c[1-9a-z][0-9a-z]{0,11}$" }
      additionalProperties: false
    NextTask:
      type: object
      description: A task that the process would plan next, and what has to happen first.
      required: [machine_id, "on", task_type]
      properties:
        machine_id: { type: string }
        "on": { type: string, description: "A trigger, `after` or `always`." }
        task_type: { type: string }
    MigratedProcess:
      allOf:
        - $ref: "#/components/schemas/Process"
        - type: object
          required: [dry_run, migrated, would_plan]
          properties:
            dry_run: { type: boolean }
            migrated: { type: boolean, description: False where it is on that version already. }
            state_map: { type: object }
            timers_kept: { type: array, items: { type: string, format: uuid } }
            timers_dropped: { type: array, items: { type: string, format: uuid } }
            would_plan: { type: array, items: { $ref: "#/components/schemas/NextTask" } }
    BulkMigrated:
      type: object
      required: [to_version, dry_run, processes]
      properties:
        to_version: { type: integer }
        dry_run: { type: boolean }
        processes:
          type: array
          items:
            type: object
            required: [process_id, key, from_version, migrated]
            properties:
              process_id: { type: string, format: uuid }
              key: { type: string }
              from_version: { type: integer }
              migrated: { type: boolean }
              state_map: { type: object }
              timers_kept: { type: array, items: { type: string, format: uuid } }
              timers_dropped: { type: array, items: { type: string, format: uuid } }
              would_plan: { type: array, items: { $ref: "#/components/schemas/NextTask" } }
              problem: { $ref: "#/components/schemas/Problem" }
        next: { type: string, description: "A cursor, absent on the last page." }
        partial: { type: boolean, description: "True where the page ended before its limit because enough was looked at; go on with `next`." }
    DeletedVersion:
      type: object
      required: [name, version, deleted]
      properties:
        name: { type: string }
        version: { type: integer }
        deleted: { type: boolean }
    Simulation:
      type: object
      required: [scenario]
      properties:
        scenario: { type: object, required: [steps], properties: { steps: { type: array, maxItems: 1000, items: { type: object } } }, description: "As in docs/scenarios.md, without `request`, `one_of`, `parallel` and `repeat`; `name` and `definition` may be left out." }
        definition: { anyOf: [{ $ref: "#/components/schemas/Definition" }, { type: "null" }] }
        version: { type: [integer, "null"], minimum: 1, maximum: 2147483647 }
      not: { required: [definition, version], properties: { definition: { type: object }, version: { type: integer } } }
      additionalProperties: false
    Simulated:
      type: object
      required: [name, passed, steps, processes]
      properties:
        name: { type: string }
        passed: { type: boolean }
        steps:
          type: array
          items:
            type: object
            required: [step, now, passed]
            properties:
              step: { type: string }
              now: { type: string, format: date-time }
              passed: { type: boolean }
              message: { type: string }
        processes: { type: array, description: "As `GET /processes/{process_id}`, with their `events`.", items: { $ref: "#/components/schemas/Process" } }
    Resolution:
      type: object
      properties:
        result: {}
      additionalProperties: false
    Definition:
      type: object
      description: What a kind of process does. The check names every fault with its place.
      required: [name, events]
      properties:
        name: { type: string, description: "The name in the path." }
        description: { type: string }
        events: { type: object }
        data: { type: object }
        initial: { type: string }
        states: { type: object }
        machines: { type: object }
        restart: { type: boolean, default: false }
        on_cancel: {}
      additionalProperties: false
    DefinitionReceipt:
      type: object
      required: [name, version, warnings]
      properties:
        name: { type: string }
        version: { type: integer }
        warnings: { type: array, items: { $ref: "#/components/schemas/Fault" } }
    DefinitionSummary:
      type: object
      required: [name, version, created_at]
      properties:
        name: { type: string }
        version: { type: integer }
        created_at: { type: string, format: date-time }
        description: { type: string }
    Definitions:
      type: object
      required: [definitions]
      properties:
        definitions: { type: array, items: { $ref: "#/components/schemas/DefinitionSummary" } }
    DefinitionVersions:
      type: object
      required: [versions]
      properties:
        versions: { type: array, items: { $ref: "#/components/schemas/DefinitionSummary" } }
    StoredDefinition:
      type: object
      required: [name, version, created_at, content]
      properties:
        name: { type: string }
        version: { type: integer }
        created_at: { type: string, format: date-time }
        content: { $ref: "#/components/schemas/Definition" }
    Clock:
      type: object
      required: [now]
      properties:
        now: { type: string, format: date-time }
    ClockAdvance:
      type: object
      required: [by]
      properties:
        by: { $ref: "#/components/schemas/Duration" }
      additionalProperties: false
    Scope:
      type: string
      enum: ["events:write", "tasks:work", read, operate, admin]
    NewKey:
      type: object
      required: [name, scopes]
      not: { required: [expires_in, expires_at], properties: { expires_in: { type: string }, expires_at: { type: string } } }
      properties:
        name: { type: string, minLength: 1, maxLength: 100, pattern: "^[^\\x00-\\x1f\\x7f]+$", description: What the key is for or who has it. }
        scopes: { type: array, minItems: 1, items: { $ref: "#/components/schemas/Scope" } }
        tenant: { type: [string, "null"], pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$", description: Binds the key to a tenant. }
        expires_in: { anyOf: [{ $ref: "#/components/schemas/Duration" }, { type: "null" }] }
        expires_at: { type: [string, "null"], format: date-time, description: Instead of `expires_in`. }
      additionalProperties: false
    Key:
      type: object
      required: [id, name, scopes, tenant, created_at, created_by, expires_at, revoked_at, last_used_at]
      properties:
        id: { type: string, format: uuid }
        name: { type: string }
        scopes: { type: array, items: { $ref: "#/components/schemas/Scope" } }
        tenant: { type: [string, "null"], description: The tenant that it is bound to. }
        created_at: { type: string, format: date-time }
        created_by: { type: [string, "null"] }
        expires_at: { type: [string, "null"], format: date-time }
        revoked_at: { type: [string, "null"], format: date-time }
        last_used_at: { type: [string, "null"], format: date-time, description: To about a minute. }
    MadeKey:
      allOf:
        - $ref: "#/components/schemas/Key"
        - type: object
          required: [secret]
          properties:
            secret: { type: string, pattern: "^prc_[0-9A-Za-z]{33}$" }
    Keys:
      type: object
      required: [keys]
      properties:
        keys: { type: array, items: { $ref: "#/components/schemas/Key" } }
    Duration:
      type: string
      description: Hours, minutes, seconds and milliseconds, each at most once and in this order; the last may have a fraction.
      minLength: 2
      pattern: "^(([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?|([0-9]{1,9}h)?([0-9]{1,9}m)?[0-9]{1,9}\\.[0-9]{1,3}s|([0-9]{1,9}h)?[0-9]{1,9}\\.[0-9]{1,3}m|[0-9]{1,9}\\.[0-9]{1,3}h)$"
      examples: [30s, 1h30m, 250ms, 1.5s]
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      description: |
        An API key (`prc_…`), or a JSON Web Token of the issuer that the service trusts. Each operation names the scope
        that it needs; `admin` includes all others. Without any key and issuer nothing is asked for.

"""###
}
