/// What a caller expects of the thing that a request is about (RFC 9110 section 13.1).
public struct Precondition: Sendable, Equatable {
    public enum Tags: Sendable, Equatable {
        /// `*`: whichever there is.
        case any
        case these([String])

        func contain(_ tag: String) -> Bool {
            switch self {
            case .any: true
            case .these(let tags): tags.contains(tag)
            }
        }
    }

    public var ifMatch: Tags?
    public var ifNoneMatch: Tags?

    public init(ifMatch: Tags? = nil, ifNoneMatch: Tags? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    /// Whether it holds for a thing with this entity tag; nil: there is none.
    public func holds(for tag: String?) -> Bool {
        if let ifMatch { guard let tag, ifMatch.contain(tag) else { return false } }
        if let ifNoneMatch, let tag, ifNoneMatch.contain(tag) { return false }
        return true
    }

    func check(_ tag: String?) throws(EngineError) {
        guard !holds(for: tag) else { return }
        let found = tag.map { "it is \"\($0)\" now" } ?? "it is not there"
        throw .problem(Problem(.preconditionFailed, "the precondition of the request does not hold: \(found)"))
    }
}
