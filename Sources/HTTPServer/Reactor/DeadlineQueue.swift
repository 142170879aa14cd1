/// What a connection is waiting for, and so for how long.
enum DeadlineKind: Int, CaseIterable {
    case head
    case body
    case idle
    case write
    case linger
}

/// The deadlines of all connections of a reactor, one at most for each.
///
/// All deadlines of one kind are equally long, so a list for each kind in order of arming is sorted by itself: arming,
/// disarming and the next deadline cost a few assignments, whatever the number of connections.
struct DeadlineQueue {
    private struct Node {
        var previous: Int32 = -1
        var next: Int32 = -1
        var kind: Int8 = -1
        var deadline: UInt64 = 0
    }

    private var nodes: [Node] = []
    private var heads: [Int32]
    private var tails: [Int32]
    private let durations: [UInt64]

    /// Times are nanoseconds of the monotonic clock.
    init(_ limits: HTTPLimits) {
        let seconds = DeadlineKind.allCases.map { kind in
            switch kind {
            case .head: limits.headSeconds
            case .body: limits.bodySeconds
            case .idle: limits.idleSeconds
            case .write: limits.writeStallSeconds
            case .linger: limits.lingerSeconds
            }
        }
        durations = seconds.map { UInt64(max(0, $0) * 1e9) }
        heads = seconds.map { _ in -1 }
        tails = heads
    }

    mutating func makeRoom(forSlot slot: Int) {
        while nodes.count <= slot { nodes.append(Node()) }
    }

    func kind(ofSlot slot: Int) -> DeadlineKind? { DeadlineKind(rawValue: Int(nodes[slot].kind)) }

    /// Starts the time of that kind, in place of the one before.
    mutating func arm(_ kind: DeadlineKind, slot: Int, now: UInt64) {
        disarm(slot: slot)
        let index = kind.rawValue
        let last = tails[index]
        nodes[slot] = Node(previous: last, next: -1, kind: Int8(index), deadline: now + durations[index])
        if last >= 0 { nodes[Int(last)].next = Int32(slot) } else { heads[index] = Int32(slot) }
        tails[index] = Int32(slot)
    }

    mutating func disarm(slot: Int) {
        let node = nodes[slot]
        guard node.kind >= 0 else { return }
        let index = Int(node.kind)
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { heads[index] = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous } else { tails[index] = node.previous }
        nodes[slot].kind = -1
    }

    var next: UInt64? {
        var earliest: UInt64?
        for head in heads where head >= 0 {
            let deadline = nodes[Int(head)].deadline
            if deadline < earliest ?? .max { earliest = deadline }
        }
        return earliest
    }

    /// Takes out one slot whose time is over.
    mutating func popExpired(_ now: UInt64) -> (slot: Int, kind: DeadlineKind)? {
        for kind in DeadlineKind.allCases {
            let head = heads[kind.rawValue]
            if head >= 0, nodes[Int(head)].deadline <= now {
                disarm(slot: Int(head))
                return (Int(head), kind)
            }
        }
        return nil
    }
}
