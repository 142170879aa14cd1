import CEL
import Chrono
import JSON
import ProcessManagement

extension DefinitionReader {
    mutating func task(_ view: JSONView, at pointer: String) -> TaskDeclaration? {
        let what = "a task"
        if view["process"] != nil { return child(view, at: pointer) }
        guard
            let fields = fields(
                view, at: pointer, of: what,
                known: ["type", "input", "mode", "result", "priority", "retry", "timeouts", "undo"])
        else { return nil }
        let type = taskType(fields, of: what)
        var mode = PlannedTask.Mode.async
        if let word = string("mode", in: fields) {
            if let known = PlannedTask.Mode(rawValue: word), known != .child {
                mode = known
            } else {
                fault(
                    fields.pointer(to: "mode"), "'mode' is 'async' or 'sync'",
                    hint: Hints.didYouMean(word, among: ["async", "sync"]))
            }
        }
        if mode == .sync {
            for name in ["retry", "timeouts"] where fields.has(name) {
                fault(fields.pointer(to: name), "a sync task is computed at once and has no '\(name)'")
            }
        } else if fields.has("result") {
            fault(fields.pointer(to: "result"), "only a sync task has a 'result': a worker gives that of others")
        }
        let result = fields["result"].map { template($0, at: fields.pointer(to: "result")) }
        return TaskDeclaration(
            pointer: pointer, type: type, input: input(fields), mode: mode, result: result, policy: policy(fields),
            undo: fields["undo"].flatMap { undo($0, at: fields.pointer(to: "undo")) })
    }

    /// A task that a child process does.
    private mutating func child(_ view: JSONView, at pointer: String) -> TaskDeclaration? {
        let what = "a task with 'process'"
        guard
            let fields = fields(view, at: pointer, of: what, known: ["process", "key", "data", "timeouts", "undo"]),
            let child = child(fields, of: what)
        else { return nil }
        return TaskDeclaration(
            pointer: pointer, type: ChildProcess.taskType(child.definition), input: childData(fields), mode: .child,
            result: nil, policy: childPolicy(fields, of: what),
            undo: fields["undo"].flatMap { undo($0, at: fields.pointer(to: "undo")) }, child: child)
    }

    private mutating func child(_ fields: Fields, of what: String) -> ChildDeclaration? {
        let definition = requiredString("process", in: fields, of: what)
        if let definition, !NameRules.isName(definition) || NameRules.reservedDefinitions.contains(definition) {
            fault(fields.pointer(to: "process"), "'\(definition)' is no name of a definition", hint: Self.nameHint)
        }
        let key = requiredExpression("key", in: fields, of: what, scope: .step)
        if let key { checkKey(key) }
        guard let definition, let key else { return nil }
        return ChildDeclaration(definition: definition, key: key)
    }

    private mutating func childData(_ fields: Fields) -> Template {
        fields["data"].map { template($0, at: fields.pointer(to: "data")) }
            ?? Template(pointer: fields.pointer, constant: JSONView([:]))
    }

    /// Only `total` limits a child; how it does its own work is its own definition's affair.
    private mutating func childPolicy(_ fields: Fields, of what: String) -> TaskPolicy {
        var policy = TaskPolicy()
        policy.retry.maxAttempts = 1
        if let view = fields["timeouts"],
            let limits = self.fields(
                view, at: fields.pointer(to: "timeouts"), of: "'timeouts' of \(what)", known: ["total"])
        {
            policy.timeouts.total = timeout("total", in: limits)
        }
        return policy
    }

    private mutating func undo(_ view: JSONView, at pointer: String) -> UndoDeclaration? {
        if view["process"] != nil { return childUndo(view, at: pointer) }
        let what = "'undo'"
        guard
            let fields = fields(
                view, at: pointer, of: what,
                known: ["type", "input", "priority", "retry", "timeouts", "when_unknown"])
        else { return nil }
        return UndoDeclaration(
            pointer: pointer, type: taskType(fields, of: what), input: input(fields), policy: policy(fields),
            whenUnknown: flag("when_unknown", in: fields, default: false), child: nil)
    }

    private mutating func childUndo(_ view: JSONView, at pointer: String) -> UndoDeclaration? {
        let what = "an 'undo' with 'process'"
        guard
            let fields = fields(
                view, at: pointer, of: what, known: ["process", "key", "data", "timeouts", "when_unknown"]),
            let child = child(fields, of: what)
        else { return nil }
        return UndoDeclaration(
            pointer: pointer, type: ChildProcess.taskType(child.definition), input: childData(fields),
            policy: childPolicy(fields, of: what), whenUnknown: flag("when_unknown", in: fields, default: false),
            child: child)
    }

    private mutating func taskType(_ fields: Fields, of what: String) -> String {
        guard let type = requiredString("type", in: fields, of: what) else { return "" }
        if !NameRules.isType(type) {
            fault(fields.pointer(to: "type"), "a task type has up to 255 visible characters")
        } else if ChildProcess.isTaskType(type) {
            fault(
                fields.pointer(to: "type"), "task types with 'process:' are those of child processes",
                hint: "a child process is a task with 'process', 'key' and 'data'")
        }
        return type
    }

    private mutating func input(_ fields: Fields) -> Template {
        fields["input"].map { template($0, at: fields.pointer(to: "input")) }
            ?? Template(pointer: fields.pointer, constant: JSONView([:]))
    }

    private mutating func policy(_ fields: Fields) -> TaskPolicy {
        TaskPolicy(
            priority: integer("priority", in: fields, within: 0...9, default: 5), retry: retry(fields),
            timeouts: timeouts(fields))
    }

    private mutating func retry(_ fields: Fields) -> RetryPolicy {
        var policy = RetryPolicy()
        guard let view = fields["retry"],
            let fields = self.fields(
                view, at: fields.pointer(to: "retry"), of: "'retry'",
                known: ["max_attempts", "delay", "factor", "max_delay", "jitter", "never"])
        else { return policy }
        policy.maxAttempts = integer("max_attempts", in: fields, within: 1...1_000_000, default: policy.maxAttempts)
        policy.delay = duration("delay", in: fields) ?? policy.delay
        policy.factor = number("factor", in: fields, within: 1...1000, default: policy.factor)
        policy.maxDelay = duration("max_delay", in: fields) ?? policy.maxDelay
        policy.jitter = number("jitter", in: fields, within: 0...1, default: policy.jitter)
        guard let never = fields["never"] else { return policy }
        let pointer = fields.pointer(to: "never")
        guard never.kind == .array else {
            fault(pointer, "'never' has to be a list of failure codes")
            return policy
        }
        for (index, element) in never.elements.enumerated() {
            if let code = element.stringValue {
                policy.never.append(code)
            } else {
                fault("\(pointer)/\(index)", "a failure code has to be a string")
            }
        }
        return policy
    }

    private mutating func timeouts(_ fields: Fields) -> TaskTimeouts {
        guard let view = fields["timeouts"],
            let fields = self.fields(
                view, at: fields.pointer(to: "timeouts"), of: "'timeouts'",
                known: ["claim", "attempt", "heartbeat", "total"])
        else { return TaskTimeouts() }
        return TaskTimeouts(
            claim: timeout("claim", in: fields), attempt: timeout("attempt", in: fields),
            heartbeat: timeout("heartbeat", in: fields), total: timeout("total", in: fields))
    }

    private mutating func timeout(_ name: String, in fields: Fields) -> TimeSpan? {
        guard let span = duration(name, in: fields) else { return nil }
        if span.milliseconds == 0 { fault(fields.pointer(to: name), "'\(name)' has to be longer than nothing") }
        return span
    }
}
