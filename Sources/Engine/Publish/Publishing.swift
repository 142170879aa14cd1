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
        let depth = chain.depth + 1
        for entry in step.entries {
            guard case .fact(let fact) = entry.record else { continue }
            switch fact {
            case .processStarted(let started):
                chain.gained.append((LocationKey(keyOf: step.state), depth))
                for correlation in started.correlations {
                    chain.gained.append((LocationKey(step.state, correlation), depth))
                }
            case .timerScheduled(let timer)
            where timer.dueAt <= chain.now && step.state.timers[timer.timerID] != nil && !step.state.suspended:
                let fired = TimerFired(timerID: timer.timerID, machineID: timer.machineID, dueAt: timer.dueAt)
                chain.dueAtOnce.append((process, fired, depth))
            case .transitionPlanned(let planned):
                for correlation in planned.correlations {
                    chain.gained.append((LocationKey(step.state, correlation), depth))
                }
            default: break
            }
        }
        if step.state.status.isEnd { chain.gained.append((LocationKey(keyOf: step.state), depth)) }
        noteFamily(of: appended, from: before, in: &chain)
        for position in appended.published {
            chain.own.append(OwnInput(.deliver(tenant: step.state.tenant, position: position), depth: depth))
        }
    }

    /// Follows a chain to its end: what an input made possible is the next input, in the same transaction.
    func follow(_ chain: inout InputChain) throws(EngineError) {
        while true {
            if !chain.gained.isEmpty {
                let (key, depth) = chain.gained.removeFirst()
                chain.depth = depth
                try deliverHeld(for: key, in: &chain)
            } else if !chain.dueAtOnce.isEmpty {
                let (process, timer, depth) = chain.dueAtOnce.removeFirst()
                // One whose state was left meanwhile is no link.
                guard try load(.stored(process)).state.timers[timer.timerID] != nil else { continue }
                chain.depth = depth
                try fire(timer, of: process, in: &chain)
            } else if !chain.own.isEmpty {
                // What waits already comes first.
                guard chain.hasRoom, try !waitsInQueue() else { return try enqueue(&chain) }
                try begin(chain.own.removeFirst(), in: &chain)
            } else {
                return
            }
        }
    }
}
