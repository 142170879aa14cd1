/// What a definition looks like: its machines with their states, transitions and ends, free of any way of drawing.
///
/// Everything stands in the order of the document, so that the same definition always gives the same picture.
public struct DefinitionGraph: Sendable, Equatable {
    public let name: String
    public let version: Int
    public let description: String?
    public let machines: [MachineGraph]

    public init(name: String, version: Int, description: String? = nil, machines: [MachineGraph]) {
        self.name = name
        self.version = version
        self.description = description
        self.machines = machines
    }
}

/// One machine of a definition.
public struct MachineGraph: Sendable, Equatable {
    /// How a machine that does not start with the process comes into being.
    public struct Spawning: Sendable, Equatable {
        /// The event type.
        public let event: String
        /// The expression that gives the list, as written.
        public let list: String

        public init(event: String, list: String) {
            self.event = event
            self.list = list
        }
    }

    public let name: String
    public let spawning: Spawning?
    public let initial: String
    public let states: [StateNode]
    /// The ways in which transitions of this machine end the process, each once, in order of their first use.
    public let ends: [EndNode]
    public let edges: [TransitionEdge]

    public init(
        name: String, spawning: Spawning? = nil, initial: String, states: [StateNode], ends: [EndNode],
        edges: [TransitionEdge]
    ) {
        self.name = name
        self.spawning = spawning
        self.initial = initial
        self.states = states
        self.ends = ends
        self.edges = edges
    }
}

public struct StateNode: Sendable, Equatable {
    public let name: String
    public let isInitial: Bool
    public let isFinal: Bool
    /// The type of the task that the state plans.
    public let task: String?
    /// The type of the task that undoes it.
    public let undo: String?
    /// When its timers fire, in words, in the order of the document: `72h`.
    public let timers: [String]
    /// Event types that it puts off.
    public let deferred: [String]
    /// Transitions that neither leave the state nor end the process.
    public let stays: [TransitionLabel]

    public init(
        name: String, isInitial: Bool = false, isFinal: Bool = false, task: String? = nil, undo: String? = nil,
        timers: [String] = [], deferred: [String] = [], stays: [TransitionLabel] = []
    ) {
        self.name = name
        self.isInitial = isInitial
        self.isFinal = isFinal
        self.task = task
        self.undo = undo
        self.timers = timers
        self.deferred = deferred
        self.stays = stays
    }
}

/// A way to end the process, drawn as a node that no machine is ever in.
public struct EndNode: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case complete
        case cancel
        case fail
    }

    public let kind: Kind
    /// The undo stack runs first.
    public let compensates: Bool

    public init(kind: Kind, compensates: Bool = false) {
        self.kind = kind
        self.compensates = compensates
    }

    /// What the process is then.
    public var label: String {
        switch kind {
        case .complete: "Completed"
        case .cancel: "Cancelled"
        case .fail: "Failed"
        }
    }
}

/// What a transition says about itself.
public struct TransitionLabel: Sendable, Equatable {
    /// `completed`, `failed:<task type>`, an event type, `after 72h`, `at <expression>`, `always`.
    public let trigger: String
    /// The condition as written, on one line.
    public let guardText: String?
    public let name: String?
    /// What it does besides moving the machine: `task tell`, `command note`, `raise Over`.
    public let effects: [String]
    /// The members of the process data that it replaces.
    public let sets: [String]
    /// What the process stream calls it: its name, or else what triggered it.
    public let recorded: String

    public init(
        trigger: String, guardText: String? = nil, name: String? = nil, effects: [String] = [],
        sets: [String] = [], recorded: String? = nil
    ) {
        self.trigger = trigger
        self.guardText = guardText
        self.name = name
        self.effects = effects
        self.sets = sets
        self.recorded = name ?? recorded ?? trigger
    }
}

/// A transition that leaves its state, enters it again, or ends the process.
public struct TransitionEdge: Sendable, Equatable {
    public enum Target: Sendable, Hashable {
        case state(String)
        /// The machine stays where it is.
        case end(EndNode)
    }

    public let from: String
    public let target: Target
    public let label: TransitionLabel
    /// How it ends the process after entering a state; nil for one that does not or whose target is the end itself.
    public let thenEnds: EndNode?

    public init(from: String, target: Target, label: TransitionLabel, thenEnds: EndNode? = nil) {
        self.from = from
        self.target = target
        self.label = label
        self.thenEnds = thenEnds
    }
}
