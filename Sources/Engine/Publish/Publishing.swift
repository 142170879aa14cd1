import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// Notes what a step makes possible: timers that are due already, keys under which events may be held. Claimable
    /// tasks were noted as their rows were written; waiting claims are served before the transaction is committed.
    func publish(_ step: Step, of process: RowHandle, in chain: inout InputChain) {
        for entry in step.entries {
            guard case .fact(let fact) = entry.record else { continue }
            switch fact {
            case .processStarted(let started):
                chain.gained.append(LocationKey(keyOf: step.state))
                for correlation in started.correlations { chain.gained.append(LocationKey(step.state, correlation)) }
            case .timerScheduled(let timer)
            where timer.dueAt <= chain.now && step.state.timers[timer.timerID] != nil && !step.state.suspended:
                chain.dueAtOnce.append(
                    (process, TimerFired(timerID: timer.timerID, machineID: timer.machineID, dueAt: timer.dueAt)))
            case .transitionPlanned(let planned):
                for correlation in planned.correlations { chain.gained.append(LocationKey(step.state, correlation)) }
            default: break
            }
        }
        if step.state.status.isEnd { chain.gained.append(LocationKey(keyOf: step.state)) }
    }

    /// Follows a chain to its end: what an input made possible is the next input, in the same transaction.
    func follow(_ chain: inout InputChain) throws(EngineError) {
        while true {
            if !chain.gained.isEmpty {
                try deliverHeld(for: chain.gained.removeFirst(), in: &chain)
            } else if !chain.dueAtOnce.isEmpty {
                let (process, timer) = chain.dueAtOnce.removeFirst()
                // One whose state was left meanwhile is no link.
                guard try load(.stored(process)).state.timers[timer.timerID] != nil else { continue }
                chain.links += 1
                try fire(timer, of: process, in: &chain)
            } else {
                return
            }
        }
    }
}
