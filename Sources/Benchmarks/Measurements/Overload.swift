import ArgumentParser

/// Three times as many events as the service can take: how many it still takes meanwhile, and how soon it is as fast as
/// before afterwards.
struct Overload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload", abstract: "Goodput under an offered load beyond capacity, and the recovery after it.")

    @Option(help: "Seconds of overload.")
    var seconds = 60.0
    @Option(help: "Offered load, as a multiple of the capacity.")
    var factor = 3.0
    @Option(help: "Connections of the overload; each has one request under way at a time.")
    var connections = 2_000
    @Option(help: "Requests that may wait for the engine.")
    var maxMailbox = 500

    func run() throws {
        OpenFiles.raiseLimit()
        let service = try ServiceUnderTest(listeningWith: ["--max-mailbox", "\(maxMailbox)"])
        let before = try normal(service, "a")
        // What a second shows is less than what five show: connections are made first. So seconds are compared with seconds.
        let usual = try (1...5).map { try normal(service, "s\($0)", seconds: 1).perSecond }.sorted()[2]
        print("capacity: \(line(before)); in runs of a second \(Int(usual))")
        let load = try OpenLoad(port: service.port, connections: connections).run(
            perSecond: before.perSecond * factor, seconds: seconds
        ) { Requests.order($0, run: "o") }
        let goodput = Double(load.answered) / load.seconds
        print(
            """
            overload: \(Int(Double(load.offered) / load.seconds)) offered/s, \(Int(goodput)) taken/s \
            (\(Spread.rounded(goodput / before.perSecond * 100, 0)) % of the capacity), \(load.refused) refused with \
            503, \(load.unsent) not sent for want of a connection, \(load.others) other answers; \
            p50 \(Int(load.latencies.percentile(0.5))) ms, p99 \(Int(load.latencies.percentile(0.99))) ms; \
            refusals p99 \(Int(load.refusals.percentile(0.99))) ms; \(Spread.rounded(try service.residentMegabytes(), 0)) MB
            """)
        for second in 1...10 {
            let after = try normal(service, "b\(second)", seconds: 1)
            print(
                "second \(second) after it: \(line(after)), "
                    + "\(Spread.rounded(after.perSecond / usual * 100, 0)) % of before")
        }
    }

    private func normal(
        _ service: ServiceUnderTest, _ run: String, seconds: Double = 5
    ) throws -> LoadGenerator<Poster>.Result {
        try LoadGenerator<Poster>(port: service.port).run(
            Poster.many(64, from: 0) { Requests.order($0, run: run) }, seconds: seconds)
    }

    private func line(_ result: LoadGenerator<Poster>.Result) -> String {
        "\(Int(result.perSecond)) events/s, p99 \(Spread.rounded(result.latencies.percentile(0.99), 1)) ms"
    }
}
