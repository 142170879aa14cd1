import Chrono
import Engine
import EventSourcing

// Deliveries: commands, cancelled tasks, tests.

extension RelayLoop {
    /// How many due deliveries of an endpoint are read at once.
    private static let pageSize = 128

    func sendDeliveries(of endpoint: RelayEndpoint, at now: Int64, _ clock: Instant) throws(StoreError) {
        while hasRoom(for: endpoint), endpoint.pace.isReady(at: now) {
            if !endpoint.hasQueued {
                guard endpoint.mayHaveMore else { return }
                try refill(endpoint, clock)
            }
            guard let delivery = endpoint.nextQueued() else { return }
            guard let message = try DeliveryMessage.read(delivery, from: reader) else {
                // Its process was deleted: there is nothing left to tell.
                report(delivery, of: endpoint, error: "process_deleted")
                continue
            }
            guard endpoint.pace.begin(at: now) else { return endpoint.putBack(delivery) }
            var fields: [HeaderField] = []
            if let traceparent = message.traceparent { fields.append(HeaderField("traceparent", traceparent)) }
            if let tracestate = message.tracestate { fields.append(HeaderField("tracestate", tracestate)) }
            let isSent = send(
                .delivery(delivery), to: endpoint, id: message.id.description, body: message.body, fields: fields,
                answer: .ofCommand)
            guard isSent else { return endpoint.putBack(delivery) }
            underWay.insert(delivery.handle)
        }
    }

    private func refill(_ endpoint: RelayEndpoint, _ clock: Instant) throws(StoreError) {
        let due = try reader.dueDeliveries(
            of: endpoint.handle, at: clock, limit: Self.pageSize, excluding: underWay)
        endpoint.enqueue(due)
        endpoint.mayHaveMore = due.count == Self.pageSize
    }

    /// Hands a request to the transport. If that is full, nothing has happened.
    func send(
        _ content: Dispatch.Content, to endpoint: RelayEndpoint, id: String, body: [UInt8], fields: [HeaderField],
        answer: TransportRequest.AnswerRule
    ) -> Bool {
        let startedAt = wallTime
        var dispatch = Dispatch(
            webhook: endpoint.handle, tenant: endpoint.row.tenant, content: content, startedAt: startedAt)
        let signed = SignedHeaders(
            id: id, at: startedAt, body: body, secrets: endpoint.secrets.signing(at: engineTime))
        let request = TransportRequest(
            url: endpoint.row.configuration.url, fields: endpoint.headers + signed.fields + fields, body: body,
            timeout: endpoint.row.configuration.timeout, answer: answer)
        dispatch.bytes = request.byteCount
        let acceptance = transport.submit(request) { [mailbox, dispatch] result in
            _ = mailbox.put(.ended(dispatch, result))
        }
        guard acceptance == .accepted else {
            transportIsFull = inFlight > 0
            endpoint.pace.takeBack()
            return false
        }
        inFlight += 1
        bytesInFlight += dispatch.bytes
        return true
    }

    func ended(_ dispatch: Dispatch, _ result: TransportResult) {
        inFlight -= 1
        bytesInFlight -= dispatch.bytes
        transportIsFull = false
        switch dispatch.content {
        case .delivery(let delivery):
            let reading = AttemptReading(result, at: wallTime, judge: AttemptReading.command)
            free(dispatch.webhook, reading)
            ended(delivery, dispatch, reading)
        case .task(let task):
            var answer: TaskMessage.Answer?
            let reading = AttemptReading(result, at: wallTime) { received, retryAfter in
                let read = TaskMessage.read(received, retryAfter, wording)
                answer = read
                return read.result
            }
            free(dispatch.webhook, reading)
            ended(task, dispatch, reading, answer)
        }
    }

    /// The endpoint has room for another request.
    private func free(_ webhook: RowHandle, _ reading: AttemptReading) {
        guard let endpoint = endpoints[webhook] else { return }
        endpoint.pace.end(reading.result, at: SystemClock.monotonicMicroseconds(), rest: reading.rest)
        if !endpoint.isStored, endpoint.pace.inFlight == 0 { endpoints[webhook] = nil }
    }

    private func ended(_ delivery: StoredDelivery, _ dispatch: Dispatch, _ reading: AttemptReading) {
        guard !reading.wasStopped else {
            // It stays due, and is sent again after the next start.
            underWay.remove(delivery.handle)
            return
        }
        var verdict = DeliverySchedule.standard.verdict(
            on: delivery.row.attempts + 1, of: delivery.row.id, result: reading.result)
        // What an operator asked for is one attempt outside of the schedule.
        if delivery.row.isManual, case .failure = reading.result { verdict = .failed }
        report(
            DeliveryReport(
                webhook: dispatch.webhook, delivery: delivery.handle,
                attempt: reading.attempt(startedAt: dispatch.startedAt), verdict: verdict))
    }

    private func report(_ delivery: StoredDelivery, of endpoint: RelayEndpoint, error: String) {
        underWay.insert(delivery.handle)
        report(
            DeliveryReport(
                webhook: endpoint.handle, delivery: delivery.handle,
                attempt: DeliveryAttempt(startedAt: wallTime, duration: .zero, status: nil, error: error),
                verdict: .failed))
    }

    func report(_ report: DeliveryReport) {
        endpoints[report.webhook]?.isFailing = report.verdict != .succeeded
        outbox.reports.append(report)
    }
}
