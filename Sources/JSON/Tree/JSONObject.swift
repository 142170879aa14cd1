/// The members of an object in the order they were sent, each name once.
/// Names are compared scalar by scalar; equality ignores the order of members.
public struct JSONObject: Sendable {
    public typealias Member = (name: String, value: JSONValue)

    public private(set) var members: [Member]
    /// Where each name stands; kept only for objects too large to search.
    private var positions: [Name: Int]?

    private static let searchedDirectly = 16

    public init() { members = [] }

    /// The names have to differ.
    public init(uniqueMembers: some Sequence<Member>) {
        self.init()
        for member in uniqueMembers {
            precondition(position(of: member.name) == nil, "an object has each member name once")
            append(member)
        }
    }

    init(validated members: [Member]) {
        self.members = members
        rebuildPositions()
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }

    /// Setting an unknown name appends a member; setting nil removes one, in time linear to the members.
    public subscript(_ name: String) -> JSONValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append((name, value))
            case (let position?, nil):
                members.remove(at: position)
                rebuildPositions()
            case (nil, nil): break
            }
        }
    }

    private func position(of name: String) -> Int? {
        if let positions { return positions[Name(text: name)] }
        return members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }

    private mutating func append(_ member: Member) {
        members.append(member)
        if positions != nil {
            positions?[Name(text: member.name)] = members.count - 1
        } else if members.count > Self.searchedDirectly {
            rebuildPositions()
        }
    }

    private mutating func rebuildPositions() {
        guard members.count > Self.searchedDirectly else {
            positions = nil
            return
        }
        var rebuilt: [Name: Int] = [:]
        rebuilt.reserveCapacity(members.count)
        for (position, member) in members.enumerated() { rebuilt[Name(text: member.name)] = position }
        positions = rebuilt
    }

    /// A name as a key by its UTF-8 bytes: `String` would take canonically equivalent names for the same.
    private struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension JSONObject: Equatable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The names have to differ.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(uniqueMembers: elements.lazy.map { (name: $0.0, value: $0.1) })
    }
}
