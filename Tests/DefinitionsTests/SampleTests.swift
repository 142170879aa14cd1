import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("The sample definitions from start to end")
struct SampleTests {
    @Test("the samples have no faults and no smells", arguments: ["approval", "order-fulfilment", "rebase-failure"])
    func clean(name: String) throws {
        let loaded = try Definition.load(Array(Samples.text(name).utf8))
        #expect(loaded.definition.name == name)
        #expect(loaded.warnings == [])
    }

    private static let order: JSONValue = ["order_id": "o1", "total": 40]

    @Test("an order is charged, shipped and delivered")
    func delivered() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        #expect(order.openTasks == ["charge-card"])
        #expect(try order.task("charge-card").input == JSONView(["order_id": "o1", "amount": 40]))
        try order.complete("charge-card", ["payment_id": "p1"])
        #expect(try order.task("book-courier").input == JSONView(["order_id": "o1"]))
        try order.complete("book-courier", ["tracking": "T-100"])
        #expect(order.at("main") == "InTransit")
        #expect(order.data == ["order_id": "o1", "total": 40, "payment_id": "p1"])
        #expect(order.state.correlations.inOrder == [Correlation(name: "tracking", value: "T-100")])
        order.post("ParcelScanned", ["tracking": "T-100", "at": "depot"])
        #expect(order.last == [])
        order.post("ParcelScanned", ["tracking": "T-100", "at": "customer"])
        #expect(order.state.status == .completed)
        #expect(order.state.result == JSONView(["order_id": "o1"]))
        #expect(order.state.timers.isEmpty)
        #expect(
            order.types == [
                "ProcessStarted", "OrderPlaced", "TransitionPlanned", "TaskCompleted", "TransitionPlanned",
                "TaskCompleted", "TransitionPlanned", "TimerScheduled", "ParcelScanned", "ParcelScanned",
                "TransitionPlanned", "ProcessCompleted",
            ])
    }

    @Test("a customer cancels while the card is being charged")
    func cancelled() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        order.post("OrderCancelled", ["order_id": "o1"])
        #expect(order.state.status == .cancelled)
        #expect(order.state.reason == "cancelled by the customer")
        #expect(order.last.map(\.type) == ["TransitionPlanned", "TaskCancelled", "ProcessCancelled"])
    }

    @Test("a declined card ends the order")
    func declined() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        try order.fail("charge-card", code: "card_declined")
        #expect(order.state.status == .failed)
        #expect(order.state.reason == "card declined")
        #expect(order.at("main") == "Charging")
    }

    @Test("what was done is undone when a later step fails for good")
    func compensated() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        try order.complete("charge-card", ["payment_id": "p1"])
        try order.fail("book-courier", reason: "no courier")
        #expect(order.state.status == .compensating)
        #expect(
            order.last.map(\.type) == ["TaskFailed", "TransitionPlanned", "CompensationStarted", "TransitionPlanned"])
        #expect(try order.task("refund-card").input == JSONView(["payment_id": "p1"]))
        #expect(order.planned.last?.transition == "undo")
        #expect(order.manager.policy(ofTaskAt: try order.task("refund-card").pointer) == TaskPolicy())
        try order.complete("refund-card")
        #expect(order.state.status == .failed)
        #expect(order.state.reason == "no courier: no courier")
    }

    @Test("support is told once when a parcel is late")
    func overdue() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        try order.complete("charge-card", ["payment_id": "p1"])
        try order.complete("book-courier", ["tracking": "T-7"])
        order.advance(.hours(72))
        #expect(order.commands.map(\.command) == ["alert-support"])
        #expect(order.commands.first?.payload == JSONView(["order_id": "o1"]))
        #expect(order.state.timers.isEmpty)
        order.post("ParcelScanned", ["tracking": "T-7", "at": "customer"])
        #expect(order.state.status == .completed)
    }

    @Test("retry and time-outs of a task are read at its pointer")
    func policy() throws {
        let order = try Dialogue(sample: "order-fulfilment", key: "o1")
        order.post("OrderPlaced", Self.order)
        let task = try order.task("charge-card")
        #expect(task.pointer == "/states/Charging/task")
        let policy = try #require(order.manager.policy(ofTaskAt: task.pointer))
        #expect(policy.retry.maxAttempts == 5)
        #expect(policy.retry.jitter == 0.1)
        #expect(policy.retry.never == ["card_declined"])
        #expect(policy.timeouts.heartbeat == .seconds(10))
    }

    @Test("an order's events carry their key, each in its way")
    func keys() throws {
        let manager = DefinedProcessManager(try Samples.definition("order-fulfilment"))
        func event(_ type: String, _ data: JSONValue) -> Event {
            Event(id: EventID("x"), type: type, data: JSONView(data))
        }
        #expect(manager.key(of: event("OrderPlaced", ["order_id": "o1"])) == "o1")
        #expect(manager.key(of: event("OrderPlaced", ["order_id": 17])) == "17")
        #expect(manager.key(of: event("OrderPlaced", ["order_id": [1]])) == nil)
        #expect(manager.key(of: event("OrderPlaced", ["order_id": nil])) == nil)
        #expect(manager.key(of: event("OrderPlaced", [:])) == nil)
        #expect(manager.key(of: event("OrderPlaced", "text")) == nil)
        #expect(manager.key(of: event("Unknown", ["order_id": "o1"])) == nil)
        #expect(manager.routes["OrderPlaced"]?.kind == .start)
        #expect(manager.routes["ParcelScanned"]?.by == "tracking")
        #expect(manager.routes["ParcelScanned"]?.whenMissing == .hold(.hours(1)))
    }

    private static let request: JSONValue = [
        "request_id": "q-17", "subject": "new laptop", "approver": "ann", "manager": "mel",
    ]

    @Test("an approval is reminded, escalated, refused")
    func escalated() throws {
        let approval = try Dialogue(sample: "approval", key: "q-17")
        approval.post("ApprovalRequested", Self.request)
        #expect(approval.state.timers.inOrder.map(\.name) == ["remind", "escalate"])
        try approval.complete("ask-for-approval")
        #expect(approval.data["asked"] == "ann")
        approval.advance(.hours(24))
        #expect(approval.openTasks == ["send-reminder"])
        #expect(approval.planned.map(\.transition) == ["remind"])
        try approval.complete("send-reminder")
        #expect(approval.data["reminded"] == true)
        #expect(approval.at("main") == "Asking")
        approval.advance(.hours(48))
        #expect(approval.at("main") == "Escalated")
        #expect(try approval.task("ask-for-approval").input["to"] == .string("mel"))
        try approval.complete("ask-for-approval")
        approval.post("Rejected", ["request_id": "q-17", "by": "mel", "why": "too dear"])
        #expect(approval.state.result == JSONView(["decision": "refused", "by": "mel", "why": "too dear"]))
    }

    @Test("an approval expires, and the requester is told")
    func expired() throws {
        let approval = try Dialogue(sample: "approval", key: "q-17")
        approval.post("ApprovalRequested", Self.request)
        try approval.complete("ask-for-approval")
        approval.advance(.hours(72))
        #expect(approval.at("main") == "Escalated")
        // The reminder that nobody answered goes on: a side task outlives its state.
        #expect(approval.openTasks == ["send-reminder", "ask-for-approval"])
        approval.advance(.hours(48))
        #expect(approval.state.status == .failed)
        #expect(approval.state.reason == "expired")
        #expect(
            approval.last.map(\.type) == [
                "TimerFired", "TransitionPlanned", "CommandIssued", "TaskCancelled", "TaskCancelled", "ProcessFailed",
            ])
    }

    @Test("an approval is withdrawn, with the name in the reason")
    func withdrawn() throws {
        let approval = try Dialogue(sample: "approval", key: "q-17")
        approval.post("ApprovalRequested", Self.request)
        approval.post("RequestWithdrawn", ["request_id": "q-17", "by": "ann"])
        #expect(approval.state.reason == "withdrawn by ann")
    }

    private static let rebase: JSONValue = ["rebase_id": "rb-1", "instance_ids": ["A", "B", "C"]]

    @Test("every instance of a failed rebase is closed")
    func closed() throws {
        let rebase = try Dialogue(sample: "rebase-failure", key: "rb-1")
        rebase.post("RebaseFailed", Self.rebase)
        #expect(rebase.openTasks == ["CloseInstance", "CloseInstance", "CloseInstance"])
        #expect(rebase.state.machines.inOrder.map(\.id) == ["instance/A", "instance/B", "instance/C"])
        #expect(
            rebase.state.tasks.inOrder.map(\.input) == ["A", "B", "C"].map { JSONView(["instance_id": .string($0)]) })
        try rebase.complete(machine: "instance/B")
        try rebase.complete(machine: "instance/A")
        #expect(rebase.state.status == .running)
        try rebase.complete(machine: "instance/C")
        #expect(rebase.state.status == .completed)
        #expect(
            rebase.types == ["ProcessStarted", "RebaseFailed"] + Array(repeating: "TransitionPlanned", count: 6)
                + ["TaskCompleted", "TransitionPlanned", "TaskCompleted", "TransitionPlanned"]
                + ["TaskCompleted", "TransitionPlanned", "ProcessCompleted"])
    }

    @Test("one instance that cannot be closed cancels the others")
    func oneFails() throws {
        let rebase = try Dialogue(sample: "rebase-failure", key: "rb-1")
        rebase.post("RebaseFailed", Self.rebase)
        try rebase.complete(machine: "instance/A")
        try rebase.fail("CloseInstance")
        #expect(rebase.state.status == .cancelled)
        #expect(rebase.state.reason == "task failed")
        #expect(rebase.last.map(\.type) == ["TaskFailed", "TransitionPlanned", "TaskCancelled", "ProcessCancelled"])
    }
}
