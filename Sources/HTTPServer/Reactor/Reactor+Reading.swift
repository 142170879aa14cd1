import CLinux
import Glibc
import Synchronization

extension Reactor {
    /// Reads of one connection in one turn, so that a fast sender does not keep the others waiting.
    static let readsPerTurn = 16
    static let discardLimit = 16_777_216

    /// What epoll reports of a connection.
    func react(_ connection: Connection, _ events: UInt32) {
        if events & (procession_epoll_error | procession_epoll_hang_up) != 0 {
            drop(connection)
            return
        }
        if events & procession_epoll_read_hang_up != 0 {
            connection.peerHalfClosed = true
            if let responder = connection.responder, responder.peerHalfClosed() {
                drop(connection)
                return
            }
        }
        if events & (procession_epoll_in | procession_epoll_read_hang_up) != 0 { connection.isReadable = true }
        if events & procession_epoll_out != 0, !connection.isWritable {
            connection.isWritable = true
            list(connection)
        }
        pump(connection)
    }

    /// Reads and takes requests as far as the connection allows now: one request at a time is in the handler, and a
    /// peer that does not read its answers gets no more of them.
    func pump(_ connection: Connection) {
        switch connection.phase {
        case .open: break
        case .lingering: return discard(connection)
        case .finishing, .closed: return
        }
        if !connection.input.isEmpty, takesRequests(connection) { readBuffered(connection) }
        var reads = 0
        while takesRequests(connection), connection.isReadable {
            reads += 1
            if reads > Self.readsPerTurn {
                again.append(connection)
                break
            }
            var isLost = false
            let count = connection.receive(scratch, &isLost)
            if isLost { return drop(connection) }
            if count > 0 { readFresh(connection, UnsafeBufferPointer(rebasing: scratch[..<count])) }
        }
        if connection.inputEnded, takesRequests(connection) {
            // What is left is no complete request, and its rest will not come.
            connection.phase = .finishing
            list(connection)
        }
        if connection.phase == .open, connection.responder == nil { countInput(connection) }
        if !connection.isListed { schedule(connection) }
    }

    private func takesRequests(_ connection: Connection) -> Bool {
        connection.takesRequests(unsentLimit: limits.unsentBytes)
    }

    private func readFresh(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) {
        if connection.input.isEmpty {
            // The usual case: a whole request is parsed where it was received, and nothing is left.
            let consumed = parse(connection, bytes)
            if consumed < bytes.count {
                connection.input.append(UnsafeBufferPointer(rebasing: bytes[consumed...]))
            }
        } else {
            connection.input.append(bytes)
            readBuffered(connection)
        }
    }

    private func readBuffered(_ connection: Connection) {
        let consumed = parse(connection, connection.input.bytes)
        connection.input.removeFirst(consumed)
    }

    /// Parses until a request goes to the handler, the bytes are used up, or the connection is over.
    private func parse(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var consumed = 0
        while true {
            switch connection.parser.advance(bytes, &consumed) {
            case .needMore:
                return consumed
            case .head:
                guard admits(connection) else { return bytes.count }
                if connection.parser.framing.expectsContinue, consumed == bytes.count {
                    connection.output.append(ResponseEncoder.continueLine)
                    list(connection)
                }
                // The time for the body begins.
                deadlines.disarm(slot: Int(connection.token.slot))
            case .request:
                dispatch(connection)
                return consumed
            case .fault(let fault):
                refuse(connection, fault)
                return bytes.count
            }
        }
    }

    /// Lets the handler refuse a request before its body is read (RFC 9110 section 10.1.1).
    private func admits(_ connection: Connection) -> Bool {
        guard var head = connection.parser.head else { return true }
        head.remoteAddress = connection.remoteAddress
        head.connectionID = connection.identifier
        head.number = connection.requestNumber + 1
        guard let response = handler.screen(head) else { return true }
        connection.requestIsHead = head.method == "HEAD"
        remember(connection, head)
        finish(connection, response)
        return false
    }

    private func dispatch(_ connection: Connection) {
        guard var request = connection.parser.takeRequest() else { return }
        connection.requestNumber += 1
        connection.requestIsHead = request.head.method == "HEAD"
        connection.requestVersion = request.head.version
        connection.requestKeepsAlive =
            connection.parser.framing.keepsAlive && connection.requestNumber < limits.requestsPerConnection
        remember(connection, request.head)
        request.head.remoteAddress = connection.remoteAddress
        request.head.connectionID = connection.identifier
        request.head.number = connection.requestNumber
        let bytes = request.byteCount
        let account = connection.received.account
        connection.received.set(connection.input.allocated)
        let isRefused = account.isFull(for: bytes)
        let responder = HTTPResponder(
            mailbox: mailbox,
            token: RequestToken(connection: connection.token, number: connection.requestNumber),
            isHead: connection.requestIsHead,
            streamBytes: limits.streamBytes,
            request: MemoryCharge(account, bytes: isRefused ? 0 : bytes),
            answers: connection.address, ledger: seat.memory.answers)
        if connection.peerHalfClosed { _ = responder.peerHalfClosed() }
        if stopDeadline != nil { responder.serverStops() }
        connection.responder = responder
        deadlines.disarm(slot: Int(connection.token.slot))
        seat.counters.requests.add(1, ordering: .relaxed)
        if isRefused { return responder.refuse() }
        handler.handle(request, responder)
    }

    /// Answers a request that cannot be read, and ends the connection: where the next one would begin is unknown.
    func refuse(_ connection: Connection, _ fault: HTTPFault) {
        guard connection.phase == .open else { return }
        seat.counters.faults.add(1, ordering: .relaxed)
        connection.requestIsHead = false
        let number = connection.requestNumber + 1
        var response = handler.render(fault, connectionID: connection.identifier, number: number)
        if fault.status == 503, response["Retry-After"] == nil { response.fields.append(("Retry-After", "1")) }
        finish(connection, response)
    }

    /// Reads on after our side is shut down: closing with unread bytes would reset the connection and could take the
    /// last answer with it (RFC 9112 section 9.6).
    private func discard(_ connection: Connection) {
        var reads = 0
        while connection.isReadable {
            reads += 1
            if reads > Self.readsPerTurn {
                again.append(connection)
                return
            }
            var isLost = false
            connection.discarded += connection.receive(scratch, &isLost)
            if isLost || connection.inputEnded || connection.discarded > Self.discardLimit {
                return drop(connection)
            }
        }
    }
}
