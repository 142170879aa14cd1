import ArgumentParser

/// One client that does one cycle after the other: three requests, three commits.
struct LowLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "The time of one whole cycle with nothing else to do.")

    @OptionGroup var options: Rounds

    func run() throws {
        var p50: [Double] = []
        var p99: [Double] = []
        for _ in 0..<options.rounds {
            let service = try ServiceUnderTest()
            let load = try LoadGenerator<Cycler>(port: service.port).run([Cycler()], seconds: options.seconds)
            p50.append(load.clients[0].cycles.percentile(0.5))
            p99.append(load.clients[0].cycles.percentile(0.99))
        }
        print("one cycle: p50 \(Spread(p50)) ms, p99 \(Spread(p99)) ms")
    }

    private struct Cycler: Client {
        var poster = Poster(number: 0, stride: 1) { Requests.order($0, run: "l") }
        var worker = Worker(name: "w", claims: 1, batches: false)
        var cycles = Latencies()
        private var step = 0
        private var begun: Int64 = 0

        mutating func next() -> [UInt8]? {
            if step == 0 { begun = microseconds() }
            return step == 0 ? poster.next() : worker.next()
        }

        mutating func received(_ answer: Answer) throws {
            if step == 0 { try poster.received(answer) } else { try worker.received(answer) }
            step = (step + 1) % 3
            if step == 0 { cycles.add(microseconds() - begun) }
        }
    }
}
