import ArgumentParser

/// What an event costs must not depend on how long its stream is or how much the store holds.
struct Growth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth", abstract: "Events per second at growing streams and stores.")

    @OptionGroup var options: Rounds
    @Option(help: "Length of the long stream.")
    var length = 100_000
    @Option(help: "Processes in the large store.")
    var processes = 200_000

    func run() throws {
        var streams: [Double] = []
        var stores: [Double] = []
        for _ in 0..<options.rounds {
            let (short, long) = (try rate(streamLength: 10), try rate(streamLength: length))
            streams.append(long / short)
            print("one process: \(Int(short)) events/s at stream length 10, \(Int(long)) at \(length)")
            let (small, large) = (try rate(processes: 1000), try rate(processes: processes))
            stores.append(large / small)
            print("store: \(Int(small)) events/s with 1000 processes, \(Int(large)) with \(processes)")
        }
        print("ratio of long to short stream \(Spread(streams)), of large to small store \(Spread(stores))")
    }

    /// 64 connections that all post to one process.
    private func rate(streamLength: Int) throws -> Double {
        let service = try ServiceUnderTest()
        try service.start(processes: 1) { Requests.order($0, run: "g") }
        let generator = LoadGenerator<Poster>(port: service.port)
        // Each event makes two records: itself and the transition.
        let batches = streamLength / 2000
        if batches > 0 {
            _ = try generator.run([
                Poster(number: 0, stride: 1, limit: batches) { _ in
                    Requests.batch((0..<1000).map { _ in Requests.scan(key: "g-0") })
                }
            ])
        }
        return try rate(generator) { _ in Requests.scan(key: "g-0") }
    }

    /// 64 connections that start processes in a store that has many already.
    private func rate(processes: Int) throws -> Double {
        let service = try ServiceUnderTest()
        try service.start(processes: processes) { Requests.order($0, run: "g") }
        return try rate(LoadGenerator<Poster>(port: service.port)) { Requests.order($0, run: "h") }
    }

    /// Measured once what filling the store left behind, in caches and in the WAL, has settled.
    private func rate(_ generator: LoadGenerator<Poster>, _ body: @escaping (Int) -> String) throws -> Double {
        let warmUp = try generator.run(Poster.many(64, from: 0, body: body), seconds: 2)
        let next = warmUp.clients.map(\.number).max() ?? 0
        return try generator.run(Poster.many(64, from: next, body: body), seconds: options.seconds).perSecond
    }
}
