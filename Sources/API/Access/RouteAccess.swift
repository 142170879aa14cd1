import Engine

/// Who may use a route. There is no default: a route that says nothing does not compile.
enum RouteAccess: Sendable, Equatable {
    /// Anybody, with or without a key.
    case open
    /// Callers with the scope, each in its tenant.
    case scope(AccessScope)
    /// Callers with one of the two, each in its tenant.
    case either(AccessScope, AccessScope)
    /// The same for what all tenants share, which nobody who is bound to one of them may change.
    case shared(AccessScope)

    static let writeEvents = scope(.writeEvents)
    static let workTasks = scope(.workTasks)
    static let read = scope(.read)
    /// Whoever works on tasks has to see them; whoever looks into things need not be able to work.
    static let readTasks = either(.read, .workTasks)
    static let operate = scope(.operate)
    static let admin = scope(.admin)

    /// Any of these will do; none is asked for where there are none.
    var scopes: [AccessScope] {
        switch self {
        case .open: []
        case .scope(let scope), .shared(let scope): [scope]
        case .either(let first, let second): [first, second]
        }
    }

    var isShared: Bool { if case .shared = self { true } else { false } }
}
