/// Times of requests in microseconds, in buckets 5 % apart; what a percentile tells is exact to that.
struct Latencies {
    private var buckets = [Int](repeating: 0, count: 400)
    private(set) var count = 0

    mutating func add(_ microseconds: Int64) {
        buckets[min(buckets.count - 1, Self.bucket(of: microseconds))] += 1
        count += 1
    }

    /// In milliseconds.
    func percentile(_ part: Double) -> Double {
        var rest = Int(Double(count) * part)
        for (index, bucket) in buckets.enumerated() {
            rest -= bucket
            if rest < 0 { return Self.bounds[index] / 1000 }
        }
        return 0
    }

    private static let bounds: [Double] = {
        var bound = 10.0
        return (0..<400).map { _ in
            defer { bound *= 1.05 }
            return bound
        }
    }()

    private static func bucket(of microseconds: Int64) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < Double(microseconds) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
