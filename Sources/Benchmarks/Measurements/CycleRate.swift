import ArgumentParser

/// Whole cycles: an event in, its task claimed, its outcome recorded.
struct CycleRate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycles", abstract: "Event, claim and outcome per second, with producers and workers at once.")

    @OptionGroup var options: Rounds
    @Option(help: "Connections that post events.")
    var producers = 32
    @Option(help: "Connections that claim and post outcomes.")
    var workers = 64
    @Option(help: "Tasks to a claim.")
    var claims = 50
    @Flag(help: "All outcomes of a claim in one request.")
    var batches = false

    func run() throws {
        var cycles: [Double] = []
        var events: [Double] = []
        for _ in 0..<options.rounds {
            let service = try ServiceUnderTest()
            let clients =
                Poster.many(producers, from: 0) { Requests.order($0, run: "c") }.map(Mixed.poster)
                + (0..<workers).map {
                    .worker(Worker(name: "w\($0)", claims: claims, batches: batches))
                }
            let load = try LoadGenerator<Mixed>(port: service.port).run(clients, seconds: options.seconds)
            let done = load.clients.reduce(0) { if case .worker(let worker) = $1 { $0 + worker.done } else { $0 } }
            cycles.append(Double(done) / load.seconds)
            let posted = load.clients.reduce(0) {
                if case .poster(let poster) = $1 { $0 + poster.number / producers } else { $0 }
            }
            events.append(Double(posted) / load.seconds)
        }
        print("\(producers) producers, \(workers) workers: \(Spread(cycles)) cycles/s, \(Spread(events)) events/s")
    }

    private enum Mixed: Client {
        case poster(Poster)
        case worker(Worker)

        mutating func next() -> [UInt8]? {
            switch self {
            case .poster(var poster):
                defer { self = .poster(poster) }
                return poster.next()
            case .worker(var worker):
                defer { self = .worker(worker) }
                return worker.next()
            }
        }

        mutating func received(_ answer: Answer) throws {
            switch self {
            case .poster(let poster): try poster.received(answer)
            case .worker(var worker):
                defer { self = .worker(worker) }
                try worker.received(answer)
            }
        }
    }
}
