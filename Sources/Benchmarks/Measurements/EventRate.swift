import ArgumentParser

/// Durable `POST /events`, each starting a process with one task, beside SQLite alone with the same rows.
struct EventRate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "POST /events per second beside raw SQLite with the same rows and batches.")

    @OptionGroup var options: Rounds
    @Option(help: "Numbers of connections.")
    var connections = [1, 64, 256]

    func run() throws {
        for count in connections {
            var service: [Double] = []
            var raw: [Double] = []
            var ratios: [Double] = []
            var p50: [Double] = []
            var p99: [Double] = []
            var sizes: [Double] = []
            var rows = 0.0
            var request: [Double] = []
            for _ in 0..<options.rounds {
                let run = try measure(connections: count)
                service.append(run.load.perSecond)
                p50.append(run.load.latencies.percentile(0.5))
                p99.append(run.load.latencies.percentile(0.99))
                sizes.append(run.batch)
                raw.append(run.raw)
                ratios.append(run.load.perSecond / run.raw)
                request.append(run.load.latencies.percentile(0.5) / run.commitMilliseconds)
                rows = run.rowsPerEvent
            }
            print(
                """
                \(count) connections: \(Spread(service)) events/s, raw SQLite \(Spread(raw)), \
                ratio \(Spread(ratios)); \(Spread.rounded(rows, 1)) rows an event, \(Spread(sizes).written(1)) events \
                a commit; p50 \(Spread(p50)) ms, p99 \(Spread(p99)) ms; p50 to raw commit \(Spread(request))
                """)
        }
    }

    private func measure(connections: Int) throws -> Run {
        let service = try ServiceUnderTest()
        let before = try service.metrics()
        let load = try LoadGenerator<Poster>(port: service.port).run(
            Poster.many(connections, from: 0) { Requests.order($0, run: "r") }, seconds: options.seconds)
        let after = try service.metrics()
        let commits =
            (after["procession_commit_batch_size_count"] ?? 0) - (before["procession_commit_batch_size_count"] ?? 0)
        let batch = Double(load.requests) / max(1, commits)
        service.stop()
        let writer = try RawWriter(copying: service.database, events: load.requests)
        let raw = try writer.measure(
            batch: max(1, Int(batch.rounded())), seconds: options.seconds, in: service.folder)
        return Run(
            load: load, batch: batch, raw: raw.perSecond, commitMilliseconds: raw.commitMilliseconds,
            rowsPerEvent: writer.rowsPerEvent)
    }

    private struct Run {
        var load: LoadGenerator<Poster>.Result
        var batch: Double
        var raw: Double
        var commitMilliseconds: Double
        var rowsPerEvent: Double
    }
}
