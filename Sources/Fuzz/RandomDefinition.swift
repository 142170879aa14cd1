import JSON

/// Definitions by the grammar of the language. With no slips most of them are right.
struct RandomDefinition {
    var slips: Int
    private var states: [String] = []
    private var events: [String] = []
    private var isSpawned = false

    init(slips: Int) {
        self.slips = slips
    }

    private static let names = ["A", "B", "C", "Open", "Done", "x-1", "Y_2"]
    private static let types = ["pay", "ship", "a.b/c", "Ä"]

    private static let step: [RandomExpression.Kind: [String]] = [
        .any: ["data.a", "event.data.id", "task.result", "machine.item", "event"], .map: ["data", "counts"],
        .string: ["event.id", "process.key", "machine.state", "task.code", "task.reason"],
        .int: ["task.attempts", "process.definition_version"], .timestamp: ["now", "event.time", "process.started_at"],
        .list: ["machines", "data.list"], .bool: ["has(event.data.x)", "task == null"],
    ]
    private static let always: [RandomExpression.Kind: [String]] = [
        .any: ["data.a", "machine.item"], .map: ["data", "counts"], .string: ["process.key", "machine.state"],
        .list: ["machines", "data.list"], .bool: ["has(data.x)"], .timestamp: ["process.started_at"],
    ]
    private static let event: [RandomExpression.Kind: [String]] = [
        .any: ["event.data.id"], .string: ["event.id", "event.source"], .timestamp: ["event.time"], .map: ["event"],
        .list: ["event.data.list"],
    ]

    mutating func make(_ random: inout SeededGenerator) -> JSONValue {
        events = ["Started"] + (0..<random.below(4)).map { "E\($0)" }
        var definition = JSONObject()
        definition["name"] = .string(slip(&random) ? RandomJSON.text(&random) : "made-up")
        if random.chance(3) { definition["description"] = .string(RandomJSON.text(&random)) }
        let restart = random.chance(3)
        if restart || random.chance(4) { definition["restart"] = .bool(restart) }
        if random.chance(3) {
            definition["on_cancel"] = random.pick([
                ["mode": "cooperative", "deadline": "1h"], ["compensate": true], [:], ["mode": "hard"],
            ])
        }
        var declared = JSONObject()
        for (index, type) in events.enumerated() { declared[type] = event(isStart: index == 0, restart, &random) }
        definition["events"] = .object(declared)
        if random.chance(2) { definition["data"] = object(Self.event, &random) }
        if random.chance(2) {
            let machine = machine(spawned: false, &random)
            definition["initial"] = machine["initial"]
            definition["states"] = machine["states"]
        } else {
            var machines = JSONObject()
            for index in 0..<1 + random.below(3) {
                machines[random.pick(Self.names)] = .object(machine(spawned: index > 0 && random.chance(2), &random))
            }
            definition["machines"] = .object(machines)
        }
        return .object(definition)
    }

    private func slip(_ random: inout SeededGenerator) -> Bool { slips > 0 && random.chance(slips) }

    private func expression(
        _ kind: RandomExpression.Kind, _ variables: [RandomExpression.Kind: [String]], _ random: inout SeededGenerator
    ) -> String {
        var maker = RandomExpression(variables: variables, slips: slips)
        return maker.make(kind, depth: random.below(3), &random)
    }

    private func event(isStart: Bool, _ restart: Bool, _ random: inout SeededGenerator) -> JSONValue {
        var event = JSONObject()
        event["key"] = .string(random.chance(2) ? "event.data.id" : expression(.string, Self.event, &random))
        if isStart {
            event["route"] = "start"
            if restart, random.chance(2) { event["when_missing"] = ["hold": "5m"] }
        } else {
            if random.chance(3) { event["by"] = "ref" }
            if random.chance(2) { event["when_missing"] = random.pick(["ignore", "reject", ["hold": "1h30m"]]) }
            if random.chance(4) { event["route"] = "continue" }
        }
        return .object(event)
    }

    private mutating func machine(spawned: Bool, _ random: inout SeededGenerator) -> JSONObject {
        isSpawned = spawned
        states = Array(Self.names.shuffled(using: &random).prefix(1 + random.below(5)))
        var machine = JSONObject()
        machine["initial"] = .string(random.pick(states))
        if spawned {
            var spawn: JSONObject = ["on": "Started", "for_each": "event.data.list"]
            if random.chance(2) { spawn["id"] = random.pick(["item", "item.id", "string(item)"]) }
            machine["spawn"] = .object(spawn)
        }
        var declared = JSONObject()
        for name in states { declared[name] = state(&random) }
        machine["states"] = .object(declared)
        return machine
    }

    private func state(_ random: inout SeededGenerator) -> JSONValue {
        var state = JSONObject()
        if random.chance(4) {
            state["final"] = true
            if random.chance(2) { state["result"] = template(Self.step, &random) }
            return .object(state)
        }
        if random.chance(2) { state["task"] = task(&random) }
        var on = JSONObject()
        for _ in 0..<random.below(4) {
            let trigger = random.pick(
                events + ["completed", "failed", "cancelled", "completed:pay", "failed:ship", "cancelled:Ä"])
            on[trigger] = oneOrMany(&random) { random in transition(Self.step, isFree: false, &random) }
        }
        if on.count > 0 || random.chance(4) { state["on"] = .object(on) }
        if random.chance(4) {
            state["after"] = oneOrMany(&random) { random in
                var timer = transition(Self.step, isFree: false, &random).objectValue ?? [:]
                if random.chance(2) {
                    timer["delay"] = random.pick(["1s", "72h", "${duration('1m')}", "${data.n}s", "0s"])
                } else {
                    timer["at"] = .string(expression(.timestamp, Self.step, &random))
                }
                return .object(timer)
            }
        }
        if random.chance(5) {
            state["always"] = oneOrMany(&random) { random in transition(Self.always, isFree: false, &random) }
        }
        if random.chance(6) { state["defer"] = .array([.string(random.pick(events))]) }
        return .object(state)
    }

    private func oneOrMany(
        _ random: inout SeededGenerator, _ make: (inout SeededGenerator) -> JSONValue
    ) -> JSONValue {
        if random.chance(2) { return make(&random) }
        return .array((0..<random.below(3)).map { _ in make(&random) })
    }

    private func transition(
        _ condition: [RandomExpression.Kind: [String]], isFree: Bool, _ random: inout SeededGenerator
    ) -> JSONValue {
        var transition = JSONObject()
        if random.chance(5) { transition["name"] = .string(RandomJSON.text(&random)) }
        if !random.chance(4) { transition["when"] = .string(expression(.bool, condition, &random)) }
        if random.chance(2) { transition["to"] = .string(random.pick(states)) }
        if random.chance(3) { transition["set"] = object(Self.step, &random) }
        if random.chance(6) { transition["correlate"] = ["ref": random.pick(["${event.id}", "x", 5])] }
        if random.chance(5), transition["to"] == nil { transition["task"] = task(&random) }
        if random.chance(6) {
            transition["commands"] = random.pick([
                ["command": "note"], [["command": "note", "payload": template(Self.step, &random)]],
            ])
        }
        if random.chance(6) {
            transition[random.pick(["cancel", "fail"])] = .string("because ${\(expression(.any, Self.step, &random))}")
            if random.chance(2) { transition["compensate"] = true }
        } else if random.chance(8) {
            transition["complete"] = template(Self.step, &random)
        } else if random.chance(6) {
            transition["raise"] = ["type": .string(random.pick(events)), "data": template(Self.step, &random)]
        }
        return .object(transition)
    }

    private func task(_ random: inout SeededGenerator) -> JSONValue {
        var task: JSONObject = ["type": .string(random.pick(Self.types))]
        if random.chance(2) { task["input"] = template(Self.step, &random) }
        if random.chance(4) {
            task["mode"] = "sync"
            if random.chance(2) { task["result"] = template(Self.step, &random) }
        } else {
            if random.chance(3) {
                task["retry"] = random.pick([["max_attempts": 5, "jitter": 1], ["never": ["no"]], [:]])
            }
            if random.chance(3) {
                task["timeouts"] = random.pick([["claim": "1m"], ["total": "1.5h", "heartbeat": "250ms"]])
            }
            if random.chance(4) { task["priority"] = .number(JSONNumber(random.below(10))) }
        }
        if random.chance(4) {
            task["undo"] = [
                "type": "undo", "input": template(Self.step, &random), "when_unknown": .bool(random.chance(2)),
            ]
        }
        return .object(task)
    }

    private func object(
        _ variables: [RandomExpression.Kind: [String]], _ random: inout SeededGenerator
    ) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<random.below(4) { object[random.pick(RandomJSON.names)] = template(variables, &random) }
        return .object(object)
    }

    private func template(
        _ variables: [RandomExpression.Kind: [String]], _ random: inout SeededGenerator, depth: Int = 2
    ) -> JSONValue {
        switch random.below(depth > 0 ? 7 : 4) {
        case 0: return RandomJSON.number(&random)
        case 1: return .string("${\(expression(.any, variables, &random))}")
        case 2: return .string("a ${\(expression(.string, variables, &random))} $${ b")
        case 3: return .null
        case 4: return .array((0..<random.below(3)).map { _ in template(variables, &random, depth: depth - 1) })
        default:
            var object = JSONObject()
            object[random.pick(RandomJSON.names)] = template(variables, &random, depth: depth - 1)
            return .object(object)
        }
    }
}
