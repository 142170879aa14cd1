import Engine

/// Who may use a route. There is no default: a route that says nothing does not compile.
enum RouteAccess: Sendable, Equatable {
    /// Anybody, with or without a key.
    case open
    /// Callers with the scope, each in its tenant.
    case scope(AccessScope)
    /// Callers with one of the two, each in its tenant; the first is named to those who have neither.
    case either(AccessScope, AccessScope)
    /// The same for what all tenants share, which nobody who is bound to one of them may change.
    case shared(AccessScope)

    static let writeEvents = scope(.writeEvents)
    static let workTasks = scope(.workTasks)
    static let read = scope(.read)
    static let operate = scope(.operate)
    static let admin = scope(.admin)
    /// An auditor need not be able to work, and who works sees what it works on.
    static let readTasks = either(.read, .workTasks)

    var scope: AccessScope? {
        switch self {
        case .open: nil
        case .scope(let scope), .shared(let scope), .either(let scope, _): scope
        }
    }

    /// The other scope that does as well.
    var otherScope: AccessScope? {
        if case .either(_, let other) = self { other } else { nil }
    }
}
