/// A name an expression may use. Dots are allowed: the longest name that matches is taken.
public struct CELVariable: Sendable, Hashable {
    public var name: String
    public var type: CELType

    public init(_ name: String, _ type: CELType = .dyn) {
        self.name = name
        self.type = type
    }
}

/// What expressions are compiled against.
public struct CELEnvironment: Sendable {
    /// Slot `i` of an activation is the value of variable `i`.
    public let variables: [CELVariable]
    public let timeZones: (any CELTimeZones)?
    /// Unknown names and unfitting types fail when they are evaluated, as in a run without a checker.
    let isUnchecked: Bool

    /// Without `timeZones` only `UTC` and fixed offsets such as `+02:00` are known.
    public init(variables: [CELVariable], timeZones: (any CELTimeZones)? = nil) {
        self.init(variables: variables, timeZones: timeZones, isUnchecked: false)
    }

    init(variables: [CELVariable], timeZones: (any CELTimeZones)?, isUnchecked: Bool) {
        self.variables = variables
        self.timeZones = timeZones
        self.isUnchecked = isUnchecked
    }
}

/// The rules of the world's time zones, which change and are therefore no part of the language. An answer has to
/// depend on its arguments only, or deciding again gives something else.
public protocol CELTimeZones: Sendable {
    /// Seconds east of UTC in a zone of the IANA database at a time since 1970-01-01T00:00:00Z; nil for an unknown
    /// name.
    func offset(ofZone name: String, at seconds: Int64) -> Int?
}

/// The values of the variables of an environment.
public protocol CELActivation {
    /// Asked once per evaluation, and only for variables the expression names. Nil is a variable without a value,
    /// which fails where it is used.
    func value(slot: Int) -> CELValue?
}

/// An activation that holds all values.
public struct CELValues: CELActivation, Sendable {
    public var values: [CELValue?]

    public init(_ values: [CELValue?]) {
        self.values = values
    }

    public func value(slot: Int) -> CELValue? { slot < values.count ? values[slot] : nil }
}
