import JSON

/// The form in which a definition is stored: the same document with every default written in, so that defaults of a
/// later release rewrite no history. Nothing moves, so that every JSON Pointer stays true.
enum Canonical {
    static func form(of document: JSONView) -> JSONValue {
        guard case .object(var definition) = document.value else { return document.value }
        definition["data"] = definition["data"] ?? [:]
        definition["restart"] = definition["restart"] ?? false
        var onCancel = definition["on_cancel"]?.objectValue ?? [:]
        onCancel["mode"] = onCancel["mode"] ?? "hard"
        onCancel["compensate"] = onCancel["compensate"] ?? false
        definition["on_cancel"] = .object(onCancel)
        definition["events"] = members(of: definition["events"], event)
        definition["states"] = members(of: definition["states"], state)
        definition["machines"] = members(of: definition["machines"]) { machine in
            machine["states"] = members(of: machine["states"], state)
            machine["spawn"] = changed(machine["spawn"]) { $0["id"] = $0["id"] ?? "item" }
        }
        return .object(definition)
    }

    private static func changed(_ value: JSONValue?, _ change: (inout JSONObject) -> Void) -> JSONValue? {
        guard case .object(var object)? = value else { return value }
        change(&object)
        return .object(object)
    }

    private static func members(of value: JSONValue?, _ change: (inout JSONObject) -> Void) -> JSONValue? {
        changed(value) { object in
            for member in object.members { object[member.name] = changed(member.value, change) }
        }
    }

    /// One object or a list of them.
    private static func each(_ value: JSONValue?, _ change: (inout JSONObject) -> Void) -> JSONValue? {
        if case .array(let elements)? = value { return .array(elements.map { changed($0, change) ?? $0 }) }
        return changed(value, change)
    }

    private static func event(_ event: inout JSONObject) {
        event["route"] = event["route"] ?? "continue"
        if event["route"]?.stringValue == "continue" { event["when_missing"] = event["when_missing"] ?? "ignore" }
    }

    private static func state(_ state: inout JSONObject) {
        state["final"] = state["final"] ?? false
        state["task"] = changed(state["task"], task)
        if case .object(var on)? = state["on"] {
            for member in on.members { on[member.name] = each(member.value, transition) }
            state["on"] = .object(on)
        }
        state["after"] = each(state["after"], transition)
        state["always"] = each(state["always"], transition)
    }

    private static func transition(_ transition: inout JSONObject) {
        transition["task"] = changed(transition["task"], task)
        if transition["cancel"] != nil || transition["fail"] != nil {
            transition["compensate"] = transition["compensate"] ?? false
        }
        transition["commands"] = each(transition["commands"]) { $0["payload"] = $0["payload"] ?? [:] }
        transition["raise"] = each(transition["raise"]) { $0["data"] = $0["data"] ?? [:] }
        transition["publish"] = each(transition["publish"]) { $0["data"] = $0["data"] ?? [:] }
    }

    private static func task(_ task: inout JSONObject) {
        task["undo"] = changed(task["undo"]) { undo in
            undo["when_unknown"] = undo["when_unknown"] ?? false
            if undo["process"] != nil {
                undo["data"] = undo["data"] ?? [:]
            } else {
                undo["input"] = undo["input"] ?? [:]
                policy(&undo)
            }
        }
        if task["process"] != nil {
            task["data"] = task["data"] ?? [:]
            return
        }
        task["input"] = task["input"] ?? [:]
        task["mode"] = task["mode"] ?? "async"
        if task["mode"]?.stringValue == "sync" {
            task["result"] = task["result"] ?? [:]
        } else {
            policy(&task)
        }
    }

    private static func policy(_ task: inout JSONObject) {
        task["priority"] = task["priority"] ?? 5
        var retry = task["retry"]?.objectValue ?? [:]
        retry["max_attempts"] = retry["max_attempts"] ?? 3
        retry["delay"] = retry["delay"] ?? "1s"
        retry["factor"] = retry["factor"] ?? 2
        retry["max_delay"] = retry["max_delay"] ?? "1m"
        retry["jitter"] = retry["jitter"] ?? 0
        retry["never"] = retry["never"] ?? []
        task["retry"] = .object(retry)
    }
}
