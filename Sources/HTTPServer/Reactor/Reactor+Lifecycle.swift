import CLinux
import Glibc
import Synchronization

extension Reactor {
    static let acceptsPerTurn = 64
    /// Refused connections that may linger at the same time; more are closed without an answer.
    static let refusalLimit = 64

    // MARK: Opening

    func listen() {
        guard let listener = seat.listener, stopDeadline == nil, !isListening else { return }
        isListening = procession_epoll_add(seat.epoll, listener.descriptor, procession_epoll_in, Self.listenerWord) == 0
    }

    func acceptConnections() {
        guard let listener = seat.listener, isListening else { return }
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.accept() {
            case .connection(let descriptor, let address):
                welcome(descriptor, address)
            case .none:
                return
            case .exhausted:
                // The waiting connection keeps the socket ready: without a pause this would spin.
                procession_epoll_remove(seat.epoll, listener.descriptor)
                isListening = false
                acceptPausedUntil = now + Self.acceptPauseNanoseconds
                return
            }
        }
    }

    private func welcome(_ descriptor: Int32, _ address: String) {
        let counters = seat.counters
        nextIdentifier += 1
        guard counters.open.load(ordering: .relaxed) < limits.connections,
            counters.enter(address, limit: limits.connectionsPerAddress)
        else {
            counters.refused.add(1, ordering: .relaxed)
            turnAway(descriptor, address)
            return
        }
        counters.open.add(1, ordering: .relaxed)
        counters.accepted.add(1, ordering: .relaxed)
        let sibling = seat.siblings[nextSibling]
        nextSibling = (nextSibling + 1) % seat.siblings.count
        if sibling === mailbox {
            adopt(descriptor, address, nextIdentifier)
        } else {
            sibling.post(.adopt(descriptor: descriptor, address: address, identifier: nextIdentifier))
        }
    }

    func adopt(_ descriptor: Int32, _ address: String, _ identifier: UInt64) {
        openConnections += 1
        guard let connection = register(descriptor, address, identifier, isRefused: false) else {
            openConnections -= 1
            seat.counters.open.subtract(1, ordering: .relaxed)
            seat.counters.leave(address, limit: limits.connectionsPerAddress)
            return
        }
        pump(connection)
    }

    private func turnAway(_ descriptor: Int32, _ address: String) {
        guard refusedConnections < Self.refusalLimit else {
            close(descriptor)
            return
        }
        refusedConnections += 1
        guard let connection = register(descriptor, address, nextIdentifier, isRefused: true) else {
            refusedConnections -= 1
            return
        }
        var response = handler.render(
            HTTPFault(.tooManyConnections, "too many connections are open"), connectionID: nextIdentifier, number: 1)
        if response["Retry-After"] == nil { response.fields.append(("Retry-After", "1")) }
        finish(connection, response)
    }

    private func register(
        _ descriptor: Int32, _ address: String, _ identifier: UInt64, isRefused: Bool
    ) -> Connection? {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = connections.count
            connections.append(nil)
            generations.append(0)
            deadlines.makeRoom(forSlot: slot)
        }
        let token = ConnectionToken(slot: UInt32(slot), generation: generations[slot])
        // Edge-triggered and for both directions at once: no further call however the connection goes on.
        let events =
            procession_epoll_in | procession_epoll_out | procession_epoll_read_hang_up | procession_epoll_edge
        guard procession_epoll_add(seat.epoll, descriptor, events, token.word) == 0 else {
            close(descriptor)
            freeSlots.append(slot)
            return nil
        }
        let connection = Connection(
            descriptor: descriptor, token: token, remoteAddress: address, identifier: identifier,
            isRefused: isRefused, limits: parserLimits, memory: seat.memory)
        connections[slot] = connection
        return connection
    }

    // MARK: Closing

    /// Closes at once. An open request learns that its peer is gone.
    func drop(_ connection: Connection) {
        guard connection.phase != .closed else { return }
        connection.phase = .closed
        let slot = Int(connection.token.slot)
        deadlines.disarm(slot: slot)
        close(connection.descriptor)
        connections[slot] = nil
        generations[slot] &+= 1
        freeSlots.append(slot)
        if connection.isRefused {
            refusedConnections -= 1
        } else {
            openConnections -= 1
            seat.counters.open.subtract(1, ordering: .relaxed)
            seat.counters.leave(connection.remoteAddress, limit: limits.connectionsPerAddress)
        }
        connection.unread.set(0)
        connection.received.set(0)
        let responder = connection.responder
        connection.responder = nil
        responder?.connectionLost()
    }

    /// Stops accepting, closes what is idle, and lets everything else end with its answer.
    func stop(graceSeconds: Double) {
        guard stopDeadline == nil else { return }
        if let listener = seat.listener {
            // Connections that the kernel has completed already are served, too.
            acceptConnections()
            if isListening { procession_epoll_remove(seat.epoll, listener.descriptor) }
            isListening = false
            acceptPausedUntil = nil
            close(listener.descriptor)
            // After the last connection was handed over, so that none is handed to a reactor that has ended.
            for sibling in seat.siblings where sibling !== mailbox { sibling.post(.stop(graceSeconds: graceSeconds)) }
        }
        stopDeadline = now + UInt64(max(0, graceSeconds) * 1e9)
        for connection in connections {
            guard let connection, connection.phase == .open else { continue }
            if let responder = connection.responder {
                responder.serverStops()
                continue
            }
            // A request may have arrived in this moment.
            connection.isReadable = true
            pump(connection)
            if connection.isIdle { drop(connection) }
        }
    }
}
