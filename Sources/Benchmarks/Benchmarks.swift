import ArgumentParser

/// Speed, as ratios measured in one run: the figures themselves depend on the machine and its disk.
@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the service. Build with -c release; docs/performance.md says what the figures mean.",
        subcommands: [
            EventRate.self, CycleRate.self, EngineCost.self, JoinCost.self, GuardRate.self, LowLoad.self, Growth.self,
            Idle.self, IdleConnections.self, Overload.self, DeliveryRate.self,
        ])
}

struct Rounds: ParsableArguments {
    @Option(help: "Seconds of one measurement.")
    var seconds = 4.0
    @Option(help: "How often everything is measured; the median counts.")
    var rounds = 3
}

/// The middle one, and the range.
struct Spread: CustomStringConvertible {
    let median: Double
    let low: Double
    let high: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        low = sorted.first ?? 0
        high = sorted.last ?? 0
    }

    var description: String { written(median >= 100 ? 0 : 2) }

    func written(_ digits: Int) -> String {
        "\(Self.rounded(median, digits)) (\(Self.rounded(low, digits))-\(Self.rounded(high, digits)))"
    }

    static func rounded(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return digits == 0 ? String(Int(rounded)) : String(rounded)
    }
}
