import Glibc

extension Reactor {
    /// Sends the answer of the current request and goes on with the next one.
    func answer(_ connection: Connection, _ given: HTTPResponse) {
        var response = given
        if !makesRoom(for: connection, answer: response.body.count) {
            response = overloadAnswer(connection, number: connection.requestNumber)
        }
        account(connection, response)
        connection.responder = nil
        let closes = !connection.requestKeepsAlive || response.closesConnection || stopDeadline != nil
        let context = ResponseEncoder.Context(isHead: connection.requestIsHead, closes: closes, framing: .length)
        ResponseEncoder.write(response, context, date: date.line, to: &connection.output)
        countOutput(connection)
        afterAnswer(connection, closes)
    }

    /// Sends an answer after which the connection ends, whatever it has sent.
    func finish(_ connection: Connection, _ response: HTTPResponse) {
        account(connection, response)
        let context = ResponseEncoder.Context(isHead: connection.requestIsHead, closes: true, framing: .length)
        ResponseEncoder.write(response, context, date: date.line, to: &connection.output)
        connection.phase = .finishing
        list(connection)
    }

    private func afterAnswer(_ connection: Connection, _ closes: Bool) {
        list(connection)
        if closes {
            connection.phase = .finishing
        } else {
            pump(connection)
        }
    }

    // MARK: Streams

    func startStream(_ connection: Connection, _ response: HTTPResponse, _ budget: StreamBudget) {
        // A reader that has closed its side of a stream does not wait for it.
        if connection.peerHalfClosed { return drop(connection) }
        let isChunked = connection.requestVersion == .http1_1
        if !isChunked || response.closesConnection { connection.requestKeepsAlive = false }
        connection.streamBudget = budget
        account(connection, response)
        let context = ResponseEncoder.Context(
            isHead: false, closes: !connection.requestKeepsAlive, framing: isChunked ? .chunked : .untilClose)
        ResponseEncoder.write(response, context, date: date.line, to: &connection.output)
        list(connection)
    }

    func continueStream(_ connection: Connection, _ bytes: [UInt8]) {
        // Whoever follows comes again with the last id it has seen.
        guard makesRoom(for: connection, answer: bytes.count) else { return drop(connection) }
        connection.streamBytes += bytes.count
        if connection.requestVersion == .http1_1 {
            ResponseEncoder.writeChunk(bytes, to: &connection.output)
        } else {
            connection.output.append(bytes)
        }
        countOutput(connection)
        list(connection)
    }

    func endStream(_ connection: Connection) {
        if connection.requestVersion == .http1_1 { connection.output.append(ResponseEncoder.lastChunk) }
        connection.responder?.streamEnded()
        connection.responder = nil
        connection.streamBudget = nil
        connection.streamBytes = 0
        afterAnswer(connection, !connection.requestKeepsAlive || stopDeadline != nil)
    }

    // MARK: Sending

    /// Remembers that the connection has something to do at the end of the turn.
    func list(_ connection: Connection) {
        guard !connection.isListed else { return }
        connection.isListed = true
        withOutput.append(connection)
    }

    func transmitAll() {
        var index = 0
        while index < withOutput.count {
            let connection = withOutput[index]
            index += 1
            connection.isListed = false
            transmit(connection)
        }
        withOutput.removeAll(keepingCapacity: true)
    }

    private func transmit(_ connection: Connection) {
        guard connection.phase == .open || connection.phase == .finishing else { return }
        let wasFull = connection.output.count >= limits.unsentBytes
        if connection.isWritable {
            var isLost = false
            connection.transmit(&isLost)
            if isLost { return drop(connection) }
            countOutput(connection)
            if !connection.output.isEmpty, connection.sentBytes >= limits.writeProgressBytes {
                connection.sentBytes = 0
                deadlines.arm(.write, slot: Int(connection.token.slot), now: now)
            }
        }
        if connection.phase == .finishing, connection.output.isEmpty { return linger(connection) }
        // Its answer came before the stop and was still to be sent then.
        if stopDeadline != nil, connection.isIdle { return drop(connection) }
        // Requests that waited for room in the output go on in the next turn.
        if wasFull, connection.output.count < limits.unsentBytes { again.append(connection) }
        schedule(connection)
    }

    private func linger(_ connection: Connection) {
        if connection.inputEnded { return drop(connection) }
        shutdown(connection.descriptor, Int32(SHUT_WR))
        connection.phase = .lingering
        forgetInput(connection)
        deadlines.arm(.linger, slot: Int(connection.token.slot), now: now)
        if connection.isReadable { again.append(connection) }
    }

    /// Arms the deadline that fits what the connection waits for now, unless it already runs.
    func schedule(_ connection: Connection) {
        let wanted: DeadlineKind?
        switch connection.phase {
        case .closed: return
        case .lingering: wanted = .linger
        case .open, .finishing:
            if !connection.output.isEmpty {
                wanted = .write
            } else if connection.responder != nil {
                wanted = nil
            } else if connection.parser.isInBody {
                wanted = .body
            } else {
                wanted = connection.parser.isIdle ? .idle : .head
            }
        }
        let slot = Int(connection.token.slot)
        guard deadlines.kind(ofSlot: slot) != wanted else { return }
        if wanted == .write { connection.sentBytes = 0 }
        if let wanted { deadlines.arm(wanted, slot: slot, now: now) } else { deadlines.disarm(slot: slot) }
    }
}
