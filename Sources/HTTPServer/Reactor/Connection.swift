import Glibc

/// One client's connection: what was received and not yet read, what is to be sent, and whose turn it is.
///
/// Confined to its reactor's thread.
final class Connection {
    enum Phase {
        case open
        /// The last answer is in `output`; nothing more is read.
        case finishing
        /// Our side is shut down; what the peer still sends is thrown away until it closes.
        case lingering
        case closed
    }

    let descriptor: Int32
    let token: ConnectionToken
    let remoteAddress: String
    let identifier: UInt64
    /// Over the limit of connections: only told so.
    let isRefused: Bool
    var phase = Phase.open
    var parser: RequestParser
    var input = ByteBuffer()
    var output = ByteBuffer()
    /// Who pays for answers to callers of whom nothing else is known.
    let address: MemoryAccount
    /// What `output` takes, on the account of who asked last.
    var unread: MemoryCharge
    /// What an incomplete request takes, on the account of its address.
    var received: MemoryCharge

    /// Number of the request in the handler, or of the last one.
    var requestNumber = 0
    /// Set while a request waits for its answer or its stream is open.
    var responder: HTTPResponder?
    var requestIsHead = false
    var requestVersion = HTTPVersion.http1_1
    var requestKeepsAlive = true
    /// Of the monotonic clock, in nanoseconds.
    var requestStart: UInt64 = 0
    /// Kept only where somebody wants to know, and no longer than the request.
    var requestMethod = ""
    var requestTarget = ""

    var streamBudget: StreamBudget?
    /// Bytes of the stream in `output` that its budget still counts.
    var streamBytes = 0

    /// There may be bytes to read: edge-triggered, so this is remembered until a read finds none.
    var isReadable = true
    var isWritable = true
    /// Bytes taken by the peer since the deadline for writing was set.
    var sentBytes = 0
    var peerHalfClosed = false
    /// Reading came to the end.
    var inputEnded = false
    /// In the reactor's list of connections with output.
    var isListed = false
    /// Bytes thrown away while lingering.
    var discarded = 0

    init(
        descriptor: Int32, token: ConnectionToken, remoteAddress: String, identifier: UInt64, isRefused: Bool,
        limits: ParserLimits, memory: HTTPMemory
    ) {
        address = memory.answers.account(remoteAddress)
        unread = MemoryCharge(address)
        received = MemoryCharge(memory.requests.account(remoteAddress))
        self.isRefused = isRefused
        self.descriptor = descriptor
        self.token = token
        self.remoteAddress = remoteAddress
        self.identifier = identifier
        parser = RequestParser(limits)
    }

    /// No request is in the handler and more may come.
    func takesRequests(unsentLimit: Int) -> Bool {
        phase == .open && responder == nil && output.count < unsentLimit
    }

    /// Nothing of a request has arrived, nothing is being answered.
    var isIdle: Bool {
        phase == .open && responder == nil && input.isEmpty && output.isEmpty && parser.isIdle
    }

    /// Reads into `scratch`; 0 when there is nothing now, at the end of the input, which sets `inputEnded`, and after
    /// an error, which sets `isLost`.
    func receive(_ scratch: UnsafeMutableBufferPointer<UInt8>, _ isLost: inout Bool) -> Int {
        while true {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
            if count > 0 {
                // A short read emptied the socket; if the peer has closed, its end must still be read.
                if count < scratch.count, !peerHalfClosed { isReadable = false }
                return count
            }
            if count == 0 {
                inputEnded = true
                isReadable = false
                return 0
            }
            if errno == EINTR { continue }
            isReadable = false
            if errno != EAGAIN && errno != EWOULDBLOCK { isLost = true }
            return 0
        }
    }

    /// Sends as much of the output as the socket takes.
    func transmit(_ isLost: inout Bool) {
        while !output.isEmpty {
            let bytes = output.bytes
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                output.removeFirst(count)
                sentBytes += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                isWritable = false
                break
            }
            isLost = true
            return
        }
        if let streamBudget, streamBytes > output.count {
            streamBudget.release(streamBytes - output.count)
            streamBytes = output.count
        }
    }
}
