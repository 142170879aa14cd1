import Chrono
import Engine

// Task endpoints: the endpoint is a worker that claims as every other one does, and is told instead of asking.

extension RelayLoop {
    /// A claim waits as long as this at most before it is made anew.
    private static let claimWait = TimeSpan.hours(1)

    /// Holds a claim while the endpoint has room for a task, and none while it has not.
    func keepClaim(of endpoint: RelayEndpoint, at now: Int64) {
        let room = endpoint.tasks.isEmpty && hasRoom(for: endpoint) ? endpoint.pace.startsNow(at: now) : 0
        guard endpoint.claimsTasks, room > 0 else { return abandonClaim(of: endpoint) }
        if endpoint.claim?.gate.isOpen == false { abandonClaim(of: endpoint) }
        guard endpoint.claim == nil, now >= endpoint.claimsFrom else { return }
        let configuration = endpoint.row.configuration
        let request = ClaimRequest(
            tenant: endpoint.row.tenant, types: configuration.taskTypes, definitions: configuration.definitions,
            worker: endpoint.row.worker, limit: min(room, 100), wait: Self.claimWait, lease: endpoint.lease)
        claimCount += 1
        openClaims += 1
        let gate = wakeUp.makeGate(changes: knownChanges)
        let empty = ClaimAnswer(
            webhook: endpoint.handle, tenant: endpoint.row.tenant, number: claimCount, tasks: [], isRefused: false)
        let ticket = engine.submit(request, isGone: { !gate.isOpen }) { [mailbox] answer in
            var received = empty
            switch answer {
            case .claimed(let tasks): received.tasks = tasks
            default: received.isRefused = true
            }
            _ = mailbox.put(.claimed(received))
        }
        endpoint.claim = RelayEndpoint.Claim(number: claimCount, ticket: ticket, gate: gate)
    }

    /// Tasks may still come of it: they were handed out before the engine heard of this.
    func abandonClaim(of endpoint: RelayEndpoint) {
        guard let claim = endpoint.claim else { return }
        claim.gate.close()
        engine.abandon(ticket: claim.ticket)
        endpoint.claim = nil
    }

    func claimed(_ answer: ClaimAnswer) {
        openClaims -= 1
        let endpoint = endpoints[answer.webhook]
        if let endpoint, endpoint.claim?.number == answer.number {
            endpoint.claim = nil
            if answer.isRefused { endpoint.claimsFrom = SystemClock.monotonicMicroseconds() + Self.pause }
        }
        guard let endpoint, !isStopping else {
            for task in answer.tasks { release(task, answer.tenant) }
            return
        }
        endpoint.tasks += answer.tasks
    }

    func sendTasks(of endpoint: RelayEndpoint, at now: Int64) {
        // Who has asked for a rest gets nothing, and the tasks do not wait for the end of it.
        if endpoint.pace.isResting(at: now) { return releaseTasks(of: endpoint) }
        while let task = endpoint.tasks.first, hasRoom(for: endpoint), endpoint.pace.begin(at: now) {
            var fields: [HeaderField] = []
            if let traceparent = task.traceparent { fields.append(HeaderField("traceparent", traceparent)) }
            if let tracestate = task.tracestate { fields.append(HeaderField("tracestate", tracestate)) }
            let isSent = send(
                .task(task), to: endpoint, id: "\(task.taskID)-\(task.attempt)",
                body: TaskMessage.body(of: task, wording), fields: fields, answer: .ofTask)
            guard isSent else { return }
            endpoint.tasks.removeFirst()
        }
    }

    func releaseTasks(of endpoint: RelayEndpoint) {
        for task in endpoint.tasks { release(task, endpoint.row.tenant) }
        endpoint.tasks = []
    }

    /// `answer` is nil where none came.
    func ended(
        _ task: ClaimedTask, _ dispatch: Dispatch, _ reading: AttemptReading, _ answer: TaskMessage.Answer?
    ) {
        // Costs no attempt: the endpoint may have done nothing wrong.
        if reading.wasStopped { return release(task, dispatch.tenant) }
        switch answer {
        case .outcome(let outcome): settle(task, dispatch.tenant, outcome)
        case .accepted: break
        case .gone: release(task, dispatch.tenant)
        case .failed, nil:
            guard case .failure(let failure) = reading.result else { break }
            let outcome = OutcomeRequest.Outcome.failed(
                code: failure.code.text, reason: reading.reason, retryable: true, retryAfter: failure.retryAfter)
            settle(task, dispatch.tenant, outcome)
        }
        noteHealth(dispatch, reading)
    }

    /// A success is news only after a failure.
    private func noteHealth(_ dispatch: Dispatch, _ reading: AttemptReading) {
        let verdict: DeliveryReport.Verdict
        switch reading.result {
        case .success:
            guard endpoints[dispatch.webhook]?.isFailing == true else { return }
            verdict = .succeeded
        case .gone: verdict = .gone
        case .failure: verdict = .failed
        }
        report(
            DeliveryReport(
                webhook: dispatch.webhook, delivery: nil, attempt: reading.attempt(startedAt: dispatch.startedAt),
                verdict: verdict))
    }

    private func settle(_ task: ClaimedTask, _ tenant: String, _ outcome: OutcomeRequest.Outcome) {
        outbox.outcomes.append(
            OutcomeRequest(tenant: tenant, taskID: task.taskID, leaseToken: task.leaseToken, outcome: outcome))
    }

    private func release(_ task: ClaimedTask, _ tenant: String) {
        outbox.releases.append(ReleaseRequest(tenant: tenant, taskID: task.taskID, leaseToken: task.leaseToken))
    }
}
