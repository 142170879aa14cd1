import Synchronization

/// What connections hold in memory, and what happens when it is too much: whoever holds most is cut first, and whoever
/// asks for more than that is answered 503.
extension Reactor {
    static let overloadFault = HTTPFault(
        .overloaded, "more bytes are held for this caller, or for all, than the service has memory for")

    /// Whether an answer of that size may be laid into the connection's output. Other connections are cut for it that
    /// hold more than this one would.
    func makesRoom(for connection: Connection, answer bytes: Int) -> Bool {
        let account = connection.unread.account
        let wanted = connection.unread.bytes + bytes
        while true {
            let isOwnShare = account.isAboveShare(with: bytes)
            guard isOwnShare || account.areAllAboveShare(with: bytes) else { return true }
            guard let greediest = greediest(isOwnShare ? account : nil), greediest !== connection,
                Self.isGreedier(greediest.unread, than: account, wanted: wanted)
            else { return bytes <= HTTPMemoryLimit.small && !account.isFull(for: bytes) }
            cut(greediest)
        }
    }

    /// Among callers what each has in all counts; of one caller's connections those that take nothing lose against those
    /// that begin.
    private static func isGreedier(_ other: MemoryCharge, than account: MemoryAccount, wanted: Int) -> Bool {
        if other.account !== account { return other.account.bytes >= account.bytes + wanted }
        return other.bytes >= wanted
    }

    /// The connection with the most unread bytes: of that account, or else of the one that has the most.
    private func greediest(_ account: MemoryAccount?) -> Connection? {
        var found: Connection?
        for case let connection? in connections where connection.unread.bytes > 0 {
            if let account, connection.unread.account !== account { continue }
            guard let best = found else {
                found = connection
                continue
            }
            let (one, other) = (connection.unread, best.unread)
            if (one.account.bytes, one.bytes) > (other.account.bytes, other.bytes) { found = connection }
        }
        return found
    }

    private func cut(_ connection: Connection) {
        seat.counters.memoryCuts.add(1, ordering: .relaxed)
        drop(connection)
    }

    /// After the output has changed.
    func countOutput(_ connection: Connection) {
        connection.unread.set(connection.output.allocated)
    }

    /// After something was received that is no whole request yet. The largest of such requests is refused if they are too
    /// much.
    func countInput(_ connection: Connection) {
        connection.received.set(connection.input.allocated + connection.parser.heldBytes)
        while connection.received.bytes > HTTPMemoryLimit.small, connection.phase == .open {
            let account = connection.received.account
            let isOwnShare = account.isAboveShare()
            guard isOwnShare || account.areAllAboveShare() else { return }
            var greediest = connection
            for case let other? in connections where other.phase == .open && other.responder == nil {
                if isOwnShare, other.received.account !== account { continue }
                if other.received.bytes > greediest.received.bytes { greediest = other }
            }
            seat.counters.memoryCuts.add(1, ordering: .relaxed)
            refuse(greediest, Self.overloadFault)
            forgetInput(greediest)
        }
    }

    /// Nothing more of the connection's requests is read.
    func forgetInput(_ connection: Connection) {
        connection.input.removeFirst(connection.input.count)
        connection.parser.forgetBody()
        connection.received.set(0)
    }

    /// The answer to a request for which there is no memory; the connection stays.
    func overloadAnswer(_ connection: Connection, number: Int) -> HTTPResponse {
        seat.counters.memoryRefusals.add(1, ordering: .relaxed)
        var response = handler.render(Self.overloadFault, connectionID: connection.identifier, number: number)
        if response["Retry-After"] == nil { response.fields.append(("Retry-After", "1")) }
        return response
    }
}
