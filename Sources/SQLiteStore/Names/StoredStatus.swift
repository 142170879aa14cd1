import Engine
import ProcessManagement

/// The numbers of statuses in the file; the conditions of partial indexes name them, so they never change.
extension ProcessStatus {
    var stored: Int64 {
        switch self {
        case .new: 0
        case .running: 1
        case .cancelling: 2
        case .compensating: 3
        // From 4 on: the ends.
        case .completed: 4
        case .cancelled: 5
        case .failed: 6
        }
    }

    init(stored: Int64) throws(StoreError) {
        switch stored {
        case 0: self = .new
        case 1: self = .running
        case 2: self = .cancelling
        case 3: self = .compensating
        case 4: self = .completed
        case 5: self = .cancelled
        case 6: self = .failed
        default: throw .unreadable("unknown process status \(stored)")
        }
    }
}

extension TaskStatus {
    var stored: Int64 {
        switch self {
        case .ready: 0
        case .leased: 1
        case .delayed: 2
        // From 3 on: the ends.
        case .completed: 3
        case .failed: 4
        case .cancelled: 5
        }
    }

    init(stored: Int64) throws(StoreError) {
        switch stored {
        case 0: self = .ready
        case 1: self = .leased
        case 2: self = .delayed
        case 3: self = .completed
        case 4: self = .failed
        case 5: self = .cancelled
        default: throw .unreadable("unknown task status \(stored)")
        }
    }
}

extension WebhookStatus {
    var stored: Int64 {
        switch self {
        case .active: 0
        case .paused: 1
        case .disabled: 2
        }
    }

    init(stored: Int64) throws(StoreError) {
        switch stored {
        case 0: self = .active
        case 1: self = .paused
        case 2: self = .disabled
        default: throw .unreadable("unknown webhook status \(stored)")
        }
    }
}

extension DeliveryStatus {
    var stored: Int64 {
        switch self {
        case .pending: 0
        // From 1 on: the ends.
        case .delivered: 1
        case .failed: 2
        case .exhausted: 3
        }
    }

    init(stored: Int64) throws(StoreError) {
        switch stored {
        case 0: self = .pending
        case 1: self = .delivered
        case 2: self = .failed
        case 3: self = .exhausted
        default: throw .unreadable("unknown delivery status \(stored)")
        }
    }
}

extension DeliveryKind {
    var stored: Int64 {
        switch self {
        case .command: 0
        case .cancelTask: 1
        case .test: 2
        }
    }

    init(stored: Int64, process: RowHandle?, position: Int64?) throws(StoreError) {
        switch (stored, process, position) {
        case (0, let process?, let position?): self = .command(process, position: position)
        case (1, let process?, let position?): self = .cancelTask(process, position: position)
        case (2, nil, nil): self = .test
        default: throw .unreadable("unknown kind \(stored) of a delivery")
        }
    }
}
