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
