import CCurl
import Engine

/// The multi handle and what is under way on it. Confined to the transport's thread.
final class TransportLoop {
    let multi: UnsafeMutableRawPointer
    private let options: TransportOptions
    private var active: [UnsafeMutableRawPointer: EasyHandle] = [:]
    /// Set-up handles for the next requests.
    private var idle: [EasyHandle] = []
    /// Without, as where no file was left for it, nobody can end a sleep: then sleeps are short.
    private let hasWakeUp: Bool

    private let answers: AnswerMemory

    private static let idleHandleLimit = 64
    private static let sleepWithoutWakeUp: Int64 = 50

    /// Nil if libcurl does not take the options.
    init?(_ options: TransportOptions) {
        guard let first = EasyHandle(options), let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.options = options
        answers = AnswerMemory(limit: options.byteLimit / 2)
        idle = [first]
        // What it leaves behind ends the first sleep at once, no more.
        hasWakeUp = options.usesWakeUp && curl_multi_wakeup(multi) == CURLM_OK
        procession_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.idleConnectionLimit)
    }

    deinit {
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    var isIdle: Bool { active.isEmpty }

    /// Puts a request on its way. If that is not possible, its reply is given at once and the result is false.
    func begin(_ request: TransportRequest, reply: @escaping Transfer.Reply) -> Bool {
        let transfer = Transfer(request, policy: options.policy, memory: answers, reply: reply)
        guard !request.fields.contains(where: { !$0.isSendable }) else {
            reply(transfer.failed(.invalidRequest, "a header cannot be sent"))
            return false
        }
        guard let handle = idle.popLast() ?? EasyHandle(options) else {
            reply(transfer.failed(.other, "no memory for a request"))
            return false
        }
        guard handle.begin(transfer), curl_multi_add_handle(multi, handle.pointer) == CURLM_OK else {
            handle.end()
            reply(transfer.failed(.other, "libcurl does not take the request"))
            return false
        }
        active[handle.pointer] = handle
        return true
    }

    /// Does what can be done without waiting; gives the replies of what is over, and says how many.
    func perform() -> Int {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var ended = 0
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle else { continue }
            // The message is gone with the handle's removal.
            let code = procession_curl_message_result(message)
            finish(pointer) { transfer, handle in transfer.result(code, of: handle) }
            ended += 1
        }
        return ended
    }

    /// Ends everything under way; says how many.
    func abort() -> Int {
        let pointers = Array(active.keys)
        for pointer in pointers {
            finish(pointer) { transfer, _ in transfer.failed(.stopped, "the service stopped before the answer came") }
        }
        return pointers.count
    }

    /// Sleeps until a socket is ready, a time-out of a request is over or somebody wakes the handle; with nothing to do
    /// for days.
    func sleep(until deadline: Int64?) {
        var milliseconds = Int64(Int32.max)
        if let deadline {
            let rest = deadline - SystemClock.monotonicMicroseconds()
            milliseconds = min(milliseconds, max(0, (rest + 999) / 1000))
        }
        if !hasWakeUp { milliseconds = min(milliseconds, Self.sleepWithoutWakeUp) }
        curl_multi_poll(multi, nil, 0, Int32(milliseconds), nil)
    }

    private func finish(_ pointer: UnsafeMutableRawPointer, _ result: (Transfer, EasyHandle) -> TransportResult) {
        guard let handle = active.removeValue(forKey: pointer), let transfer = handle.transfer else { return }
        let answer = result(transfer, handle)
        transfer.freeMemory()
        curl_multi_remove_handle(multi, pointer)
        handle.end()
        if idle.count < Self.idleHandleLimit { idle.append(handle) }
        transfer.reply(answer)
    }
}
