import EventSourcing
import JSON
import ProcessManagement

/// A manager that says what happens, and a locator that says to whom: what a definition is.
public typealias ManagedDefinition = ProcessLocator & ProcessManager

/// Makes managers of stored definitions. The engine stores definitions as JSON and does not know their language.
public protocol ManagerFactory: Sendable {
    /// - Throws: a problem if the document is not a definition that this release can run.
    func makeManager(name: String, version: Int, content: JSONView) throws(Problem) -> any ManagedDefinition
}

/// All managers, by name and version, and which of them listen to an event type.
struct ManagerRegistry {
    /// Versions of one name, oldest first.
    private var versions: [ExactText: [any ManagedDefinition]] = [:]
    /// Event type → names of the definitions of which some version listens to it, sorted, so that deliveries have a
    /// fixed order.
    private var listeners: [ExactText: [String]] = [:]

    mutating func add(_ manager: any ManagedDefinition) {
        versions[manager.name, default: []].append(manager)
        versions[manager.name]?.sort { $0.version < $1.version }
        for type in manager.routes.keys where listeners[type]?.contains(manager.name) != true {
            listeners[type, default: []].append(manager.name)
            listeners[type]?.sort()
        }
    }

    /// Takes back a version that was never committed.
    mutating func remove(_ manager: any ManagedDefinition) {
        versions[manager.name]?.removeAll { $0.version == manager.version }
        let rest = versions[manager.name] ?? []
        for type in manager.routes.keys where !rest.contains(where: { $0.routes[type] != nil }) {
            listeners[type]?.removeAll { $0 == manager.name }
        }
        if rest.isEmpty { versions[manager.name] = nil }
    }

    func manager(_ name: String, version: Int) -> (any ManagedDefinition)? {
        guard let all = versions[name] else { return nil }
        // The newest is asked for nearly always.
        if let last = all.last, last.version == version { return last }
        return all.first { $0.version == version }
    }

    func newest(_ name: String) -> (any ManagedDefinition)? { versions[name]?.last }

    func listening(to type: String) -> [String] { listeners[type] ?? [] }

    /// Whether the versions of a definition disagree on how the key of this event type is read.
    func keysDiffer(_ name: String, for type: String) -> Bool {
        guard let all = versions[name], all.count > 1 else { return false }
        guard let newest = all.last?.routes[type] else { return true }
        return all.contains { $0.routes[type]?.locates(like: newest) != true }
    }
}
