import Testing

@testable import HTTPServer

struct DeadlineQueueTests {
    private func queue() -> DeadlineQueue {
        var limits = HTTPLimits()
        limits.headSeconds = 10
        limits.idleSeconds = 75
        limits.bodySeconds = 30
        var queue = DeadlineQueue(limits)
        queue.makeRoom(forSlot: 9)
        return queue
    }

    private func second(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }

    private func expired(_ queue: inout DeadlineQueue, _ now: UInt64) -> String? {
        queue.popExpired(now).map { "\($0.slot) \($0.kind)" }
    }

    @Test("deadlines expire at their time, the earliest first, each once")
    func order() {
        var queue = queue()
        #expect(queue.next == nil)
        queue.arm(.idle, slot: 1, now: 0)
        queue.arm(.head, slot: 2, now: second(1))
        queue.arm(.head, slot: 3, now: second(2))
        #expect(queue.next == second(11))
        let outcomes = [
            expired(&queue, second(11) - 1), expired(&queue, second(11)), expired(&queue, second(11)),
            expired(&queue, second(100)), expired(&queue, second(100)), expired(&queue, second(100)),
        ]
        #expect(outcomes == [nil, "2 head", nil, "3 head", "1 idle", nil])
        #expect(queue.next == nil)
    }

    @Test("arming again replaces the deadline, and disarming takes it out of the middle, the front and the end")
    func changes() {
        var queue = queue()
        for slot in 0..<5 { queue.arm(.head, slot: slot, now: second(UInt64(slot))) }
        queue.arm(.body, slot: 0, now: second(5))
        queue.disarm(slot: 2)
        queue.disarm(slot: 4)
        queue.disarm(slot: 4)
        #expect(queue.kind(ofSlot: 0) == .body)
        #expect(queue.kind(ofSlot: 2) == nil)
        #expect(queue.next == second(11))
        var slots: [Int] = []
        while let (slot, _) = queue.popExpired(second(1_000)) { slots.append(slot) }
        #expect(slots == [1, 3, 0])
    }
}

struct HTTPDateTests {
    @Test(
        "a moment is written as IMF-fixdate",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ])
    func format(seconds: Int, expected: String) {
        #expect(String(decoding: HTTPDate.format(seconds), as: UTF8.self) == "Date: \(expected)\r\n")
    }
}
