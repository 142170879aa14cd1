import ArgumentParser
import Glibc

/// How many deliveries a second go to a receiver on this machine, against libcurl alone with the same requests; and how
/// long a command waits for its first byte.
struct DeliveryRate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Deliveries of commands to a webhook.")

    @Option(help: "Deliveries of one measurement.")
    var count = 10_000
    @Option(help: "Requests at once.")
    var inFlight = 32
    @Option(help: "How often everything is measured; the median counts.")
    var rounds = 3

    func run() throws {
        var (rates, ceilings, ratios): ([Double], [Double], [Double]) = ([], [], [])
        var latencies = Latencies()
        for round in 0..<rounds {
            let receiver = try CountingReceiver()
            let service = try ServiceUnderTest()
            let webhook = try register(receiver, service)
            try measureLatency(1000, receiver, service, into: &latencies)
            let rate = try measureRate(webhook, receiver, service, run: round)
            service.stop()
            let plain = try PlainSender(
                like: receiver.first, to: "http://127.0.0.1:\(receiver.port)/", atOnce: inFlight)
            let ceiling = plain.send(count)
            rates.append(rate)
            ceilings.append(ceiling)
            ratios.append(rate / ceiling)
        }
        print("deliveries: \(Spread(rates)) a second, libcurl alone \(Spread(ceilings)), ratio \(Spread(ratios))")
        print(
            """
            from the answer to the event to the first byte at the receiver: p50 \(latencies.percentile(0.5)) ms, \
            p99 \(latencies.percentile(0.99)) ms
            """)
    }

    private func register(_ receiver: CountingReceiver, _ service: ServiceUnderTest) throws -> String {
        let body = """
            {"url":"http://127.0.0.1:\(receiver.port)/","commands":["give-notice"],"max_in_flight":\(inFlight)}
            """
        let answer = try Sockets.ask(Requests.post("/webhooks", body), port: service.port)
        guard answer.status == 201, let id = answer.values(of: "id").first else { throw BenchmarkError(answer.text) }
        return id
    }

    /// One command after the other. The answer says that it is committed.
    private func measureLatency(
        _ count: Int, _ receiver: CountingReceiver, _ service: ServiceUnderTest, into latencies: inout Latencies
    ) throws {
        let socket = try Sockets.connect(port: service.port)
        defer { close(socket) }
        for number in 0..<count {
            try Sockets.send(Requests.post("/events", Requests.notice("latency-\(number)")), to: socket)
            var bytes: [UInt8] = []
            while Answer.read(bytes[...]) == nil { _ = try Sockets.receive(from: socket, into: &bytes) }
            let committed = microseconds()
            // The first byte may be there before the answer is.
            latencies.add(max(0, receiver.wait(for: 1) - committed))
        }
    }

    /// All are there before the first is sent, so that nothing else is to be done meanwhile.
    private func measureRate(
        _ webhook: String, _ receiver: CountingReceiver, _ service: ServiceUnderTest, run: Int
    ) throws -> Double {
        _ = try Sockets.ask(Requests.post("/webhooks/\(webhook)/pause", "{}"), port: service.port)
        try service.start(processes: count) { Requests.notice("rate-\(run)-\($0)") }
        let begun = microseconds()
        _ = try Sockets.ask(Requests.post("/webhooks/\(webhook)/resume", "{}"), port: service.port)
        return Double(count) / (Double(receiver.wait(for: count) - begun) / 1e6)
    }
}
