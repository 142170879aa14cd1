import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// Notes what a step makes possible: timers that are due already, keys under which events may be held, what it
    /// published, what parents and children have to hear. Claimable tasks were noted as their rows were written;
    /// waiting claims are served before the transaction is committed.
    func publish(_ appended: AppendedStep, from before: ProcessState, in chain: inout InputChain) {
        let step = appended.step
        let process = appended.process.handle
        // Only what makes no progress counts as a link: an event that is handed on waits no more, a timer that is due
        // later than the one before it comes to an end.
        let depth = chain.depth + 1
        let held = chain.depth
        let reached = step.dueTime
        for entry in step.entries {
            guard case .fact(let fact) = entry.record else { continue }
            switch fact {
            case .processStarted(let started):
                chain.gained.append((LocationKey(keyOf: step.state), held))
                for correlation in started.correlations {
                    chain.gained.append((LocationKey(step.state, correlation), held))
                }
            case .timerScheduled(let timer)
            where timer.dueAt <= chain.now && step.state.timers[timer.timerID] != nil && !step.state.suspended:
                let fired = TimerFired(timerID: timer.timerID, machineID: timer.machineID, dueAt: timer.dueAt)
                let isProgress = timer.dueAt > reached
                chain.dueAtOnce.append(
                    InputChain.DueTimer(
                        process: process, timer: fired, depth: isProgress ? chain.depth : depth,
                        isProgress: isProgress))
            case .transitionPlanned(let planned):
                for correlation in planned.correlations {
                    chain.gained.append((LocationKey(step.state, correlation), held))
                }
            default: break
            }
        }
        noteFamily(of: appended, from: before, in: &chain)
        for position in appended.published {
            chain.own.append(OwnInput(.deliver(tenant: step.state.tenant, position: position), depth: depth))
        }
        let isHandedOn = noteWaiting(of: appended, from: before, in: &chain)
        if step.state.status.isEnd, !isHandedOn { chain.gained.append((LocationKey(keyOf: step.state), held)) }
    }

    /// Follows a chain to its end: what an input made possible is the next input, in the same transaction.
    func follow(_ chain: inout InputChain) throws(EngineError) {
        while true {
            if !chain.gained.isEmpty {
                let (key, depth) = chain.gained.removeFirst()
                chain.depth = depth
                try deliverHeld(for: key, in: &chain)
            } else if !chain.dueAtOnce.isEmpty {
                let due = chain.dueAtOnce.removeFirst()
                // One whose state was left meanwhile is no link.
                guard try load(.stored(due.process)).state.timers[due.timer.timerID] != nil else { continue }
                if due.isProgress {
                    guard chain.hasRoomForProgress else {
                        // It stays due, for the next transaction.
                        hasMoreTimers = true
                        continue
                    }
                    chain.progressing += 1
                }
                chain.depth = due.depth
                try fire(due.timer, of: due.process, in: &chain)
            } else if let next = chain.own.first {
                // What waits already comes first.
                guard chain.hasRoom(for: next), try !waitsInQueue() else { return try enqueue(&chain) }
                try begin(chain.own.removeFirst(), in: &chain)
            } else {
                return
            }
        }
    }
}

extension Step {
    /// The time that the process has come to: when the timer was due that the step is about, else now.
    fileprivate var dueTime: Instant {
        for entry in entries {
            if case .fact(.timerFired(let fired)) = entry.record { return fired.dueAt }
        }
        return state.updatedAt
    }
}
