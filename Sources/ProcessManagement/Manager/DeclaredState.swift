/// What a manager says of one of its states, as far as moving a process there needs it.
public struct DeclaredState: Sendable, Equatable {
    /// A timer that starts when the state is entered.
    public struct Timer: Sendable, Equatable {
        public var index: Int
        public var name: String?

        public init(index: Int, name: String? = nil) {
            self.index = index
            self.name = name
        }
    }

    /// A task that leaving the state, or a side task of it, would plan.
    public struct NextTask: Sendable, Hashable {
        /// What has to happen: an event type, `completed`, `failed` …, `after`, `always`.
        public var on: String
        public var taskType: String
        /// For `after`: which timer has to fire.
        public var timer: Int?

        public init(on: String, taskType: String, timer: Int? = nil) {
            self.on = on
            self.taskType = taskType
            self.timer = timer
        }
    }

    /// Machines of its name are made for items, not with the process.
    public var isSpawned: Bool
    public var timers: [Timer]
    public var nextTasks: [NextTask]

    public init(isSpawned: Bool = false, timers: [Timer] = [], nextTasks: [NextTask] = []) {
        self.isSpawned = isSpawned
        self.timers = timers
        self.nextTasks = nextTasks
    }
}
