import CEL
import JSON
import ProcessManagement

extension DefinitionReader {
    mutating func events(_ fields: Fields, restart: Bool) -> [EventDeclaration] {
        guard let view = fields["events"] else {
            fault("", "a definition needs 'events'")
            return []
        }
        guard view.kind == .object else {
            fault("/events", "'events' has to be an object")
            return []
        }
        var events: [EventDeclaration] = []
        for (type, view) in view.members {
            let pointer = JSONPointer.child("/events", type)
            checkEventType(type, at: pointer)
            if let event = event(type, view, at: pointer, restart: restart) { events.append(event) }
        }
        return events
    }

    mutating func checkEventType(_ type: String, at pointer: String) {
        if NameRules.isReserved(eventType: type) {
            fault(pointer, "the event type '\(type)' is reserved")
        } else if !NameRules.isType(type) {
            fault(pointer, "an event type has up to 255 visible characters")
        }
    }

    private mutating func event(
        _ type: String, _ view: JSONView, at pointer: String, restart: Bool
    ) -> EventDeclaration? {
        let what = "an event"
        let known = ["key", "route", "by", "when_missing", "when_ended"]
        guard let fields = fields(view, at: pointer, of: what, known: known) else { return nil }
        let key = requiredExpression("key", in: fields, of: what, scope: .eventKey)
        if let key { checkKey(key) }
        var kind = EventRoute.Kind.continue
        if let route = string("route", in: fields) {
            if let known = EventRoute.Kind(rawValue: route) {
                kind = known
            } else {
                fault(
                    fields.pointer(to: "route"), "'route' is 'start' or 'continue'",
                    hint: Hints.didYouMean(route, among: ["start", "continue"]))
            }
        }
        let by = string("by", in: fields)
        if let by, !NameRules.isType(by) { fault(fields.pointer(to: "by"), "'\(by)' is no name of a correlation") }
        let whenMissing = whenMissing(fields)
        if kind == .start {
            if by != nil { fault(fields.pointer(to: "by"), "a start event is located by the process key") }
            if let whenMissing {
                if case .hold = whenMissing, restart {
                    // Held until the running process of the key ends.
                } else {
                    fault(
                        fields.pointer(to: "when_missing"),
                        "a start event is never missing a process; with 'restart' it may be held")
                }
            }
        }
        let whenEnded = whenEnded(fields)
        guard let key else { return nil }
        var route = EventRoute(kind: kind, by: by, whenMissing: whenMissing ?? .ignore, expression: key.source)
        route.whenEnded = whenEnded
        return EventDeclaration(pointer: pointer, type: type, key: key, route: route)
    }

    mutating func checkKey(_ key: CompiledExpression) {
        switch key.program.type {
        case .string, .int, .uint, .dyn: break
        default: wrongResult(key, "a key has to be a string or an integer")
        }
    }

    private mutating func whenEnded(_ fields: Fields) -> EventRoute.WhenEnded {
        guard let word = string("when_ended", in: fields) else { return .keep }
        guard let known = EventRoute.WhenEnded(rawValue: word) else {
            fault(
                fields.pointer(to: "when_ended"), "'when_ended' is 'keep' or 'ignore'",
                hint: Hints.didYouMean(word, among: ["keep", "ignore"]))
            return .keep
        }
        return known
    }

    private mutating func whenMissing(_ fields: Fields) -> EventRoute.WhenMissing? {
        guard let view = fields["when_missing"] else { return nil }
        let pointer = fields.pointer(to: "when_missing")
        switch view.stringValue {
        case "ignore"?: return .ignore
        case "reject"?: return .reject
        case let word?:
            fault(
                pointer, "'when_missing' is 'ignore', 'reject' or {\"hold\": …}",
                hint: Hints.didYouMean(word, among: ["ignore", "reject"]))
            return nil
        case nil: break
        }
        guard let hold = self.fields(view, at: pointer, of: "'when_missing'", known: ["hold"]) else { return nil }
        guard hold.has("hold") else {
            fault(pointer, "'when_missing' needs 'hold'")
            return nil
        }
        return duration("hold", in: hold).map(EventRoute.WhenMissing.hold)
    }
}
