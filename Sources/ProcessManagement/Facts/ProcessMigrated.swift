import EventSourcing
import JSON

/// A running process goes on under another version of its definition.
///
/// It moves machines from one state to another without leaving or entering any: the one exception to the rule that only
/// `TransitionPlanned` moves a machine.
public struct ProcessMigrated: Sendable, Equatable {
    /// Every machine of this name that is in `from` is in `to` from now on.
    public struct Move: Sendable, Equatable {
        public var machine: String
        public var from: String
        public var to: String

        public init(machine: String, from: String, to: String) {
            self.machine = machine
            self.from = from
            self.to = to
        }
    }

    /// A timer that goes on, and which entry of the state's `after` it means now.
    public struct KeptTimer: Sendable, Equatable {
        public var timerID: TimerID
        public var index: Int
        public var name: String?

        public init(timerID: TimerID, index: Int, name: String?) {
            self.timerID = timerID
            self.index = index
            self.name = name
        }
    }

    public var fromVersion: Int
    public var toVersion: Int
    /// Of machines that there are, those of one name together. A state may be mapped to itself, to be entered again.
    public var moves: [Move]
    /// The states that `moves` lead to are entered anew, as the facts after this one say.
    public var enter: Bool
    public var timersKept: [KeptTimer]
    public var timersDropped: [TimerID]
    public var reason: String?
    public var by: String?
    public var requestID: String

    public init(
        fromVersion: Int, toVersion: Int, moves: [Move] = [], enter: Bool = false, timersKept: [KeptTimer] = [],
        timersDropped: [TimerID] = [], reason: String? = nil, by: String? = nil, requestID: String
    ) {
        self.fromVersion = fromVersion
        self.toVersion = toVersion
        self.moves = moves
        self.enter = enter
        self.timersKept = timersKept
        self.timersDropped = timersDropped
        self.reason = reason
        self.by = by
        self.requestID = requestID
    }

    /// Where it moves a machine; nil if the machine is not mapped.
    public func target(of machine: Machine) -> String? {
        moves.first { $0.machine == machine.name && $0.from == machine.state }?.to
    }
}

extension ProcessMigrated {
    func encode(to writer: inout JSONWriter) {
        writer.member("from_version", fromVersion)
        writer.member("to_version", toVersion)
        if !moves.isEmpty {
            writer.name("state_map")
            writer.moves(moves)
        }
        if enter { writer.member("enter", true) }
        if !timersKept.isEmpty {
            writer.name("timers_kept")
            writer.beginArray()
            for timer in timersKept {
                writer.beginObject()
                writer.member("timer_id", timer.timerID)
                writer.member("index", timer.index)
                writer.optional("name", timer.name)
                writer.endObject()
            }
            writer.endArray()
        }
        if !timersDropped.isEmpty {
            writer.name("timers_dropped")
            writer.beginArray()
            for id in timersDropped { writer.value(id) }
            writer.endArray()
        }
        writer.optional("reason", reason)
        writer.optional("by", by)
        writer.member("request_id", requestID)
    }

    init(_ reader: FactReader) throws(FactDecodingError) {
        let data = reader.data
        self.init(
            fromVersion: try reader.integer("from_version"), toVersion: try reader.integer("to_version"),
            enter: reader.flag("enter"), reason: data["reason"]?.stringValue, by: data["by"]?.stringValue,
            requestID: try reader.string("request_id"))
        for (machine, states) in data["state_map"]?.members.map({ $0 }) ?? [] {
            for (from, to) in states.members {
                guard let to = to.stringValue else {
                    throw FactDecodingError(type: reader.type, member: "state_map")
                }
                moves.append(Move(machine: machine, from: from, to: to))
            }
        }
        for view in data["timers_kept"]?.elements.map({ $0 }) ?? [] {
            let timer = FactReader(type: reader.type, data: view)
            timersKept.append(
                KeptTimer(
                    timerID: try timer.id("timer_id"), index: try timer.integer("index"),
                    name: view["name"]?.stringValue))
        }
        for view in data["timers_dropped"]?.elements.map({ $0 }) ?? [] {
            guard let id = view.stringValue.flatMap({ TimerID($0) }) else {
                throw FactDecodingError(type: reader.type, member: "timers_dropped")
            }
            timersDropped.append(id)
        }
    }
}

extension JSONWriter {
    /// An object, machine → old state → new state.
    public mutating func moves(_ moves: [ProcessMigrated.Move]) {
        beginObject()
        var open: String?
        for move in moves {
            if open != move.machine {
                if open != nil { endObject() }
                name(move.machine)
                beginObject()
                open = move.machine
            }
            name(move.from)
            value(move.to)
        }
        if open != nil { endObject() }
        endObject()
    }
}
