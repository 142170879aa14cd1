/// The requests of the measurements, as the bytes that go over the wire.
enum Requests {
    static func post(_ path: String, _ body: String, as type: String = "application/json") -> [UInt8] {
        Array(
            """
            POST \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            Content-Type: \(type)\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8)
    }

    static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
    }

    /// An event that starts a process with one task, about 300 bytes.
    static func order(_ number: Int, run: String) -> String {
        """
        {"id":"\(uuid())","type":"OrderPlaced","source":"/shops/north","data":\
        {"order_id":"\(run)-\(number)","total":4950,"currency":"EUR",\
        "customer":{"id":"c-\(number % 1000)","name":"Ada Lovelace","city":"London"},\
        "lines":[{"sku":"A-17","count":2},{"sku":"B-4","count":1}]}}
        """
    }

    /// An event for the one process `key`, which moves no machine but writes data.
    static func scan(key: String) -> String {
        """
        {"id":"\(uuid())","type":"ParcelScanned","source":"/couriers/east","data":\
        {"order_id":"\(key)","at":"depot"}}
        """
    }

    /// An event that starts a process which waits for an hour.
    static func reminder(_ number: Int) -> String {
        "{\"id\":\"\(uuid())\",\"source\":\"/calendar\",\"type\":\"ReminderSet\",\"data\":{\"id\":\(number)}}"
    }

    /// An event that issues one command.
    static func notice(_ key: String) -> String {
        "{\"id\":\"\(uuid())\",\"source\":\"/desk\",\"type\":\"NoticeAsked\",\"data\":{\"id\":\"\(key)\"}}"
    }

    /// Several events at once: CloudEvents have a batch format, plain events have none.
    static func batch(_ events: [String]) -> String {
        "[" + events.map { "{\"specversion\":\"1.0\"," + $0.dropFirst() }.joined(separator: ",") + "]"
    }

    /// Random, as clients without much thought make them: the hard case for an index.
    static func uuid() -> String {
        let (high, low) = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max))
        let text = Array((hex((high & ~0xF000) | 0x4000) + hex((low & ~(3 << 62)) | 1 << 63)))
        return [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]].map { String($0) }
            .joined(separator: "-")
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
