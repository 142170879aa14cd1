import API
import Engine
import HTTPServer
import JSON
import Testing

/// /metrics in Prometheus' text format 0.0.4.
@Suite("Metrics")
struct MetricsTests {
    /// One sample line, and the family it stands in.
    private struct Sample {
        var family: String
        var name: String
        var labels: [String: String]
        var value: Double
    }

    private struct Page {
        var types: [String: String] = [:]
        var samples: [Sample] = []

        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            samples.first { $0.name == "procession_\(name)" && $0.labels == labels }?.value
        }
    }

    /// Reads the page strictly: HELP, TYPE and then its samples for each family, and no family twice.
    private func read(_ desk: Desk) throws -> Page {
        let (response, _) = desk.call("GET", "/metrics")
        #expect(response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        var page = Page()
        var helped = ""
        var family = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                helped = words[2]
                #expect(words.count == 4 && !words[3].isEmpty)
            } else if line.hasPrefix("# TYPE ") {
                family = words[2]
                #expect(family == helped)
                #expect(page.types[family] == nil, "\(family) twice")
                #expect(["counter", "gauge", "histogram"].contains(words[3]))
                page.types[family] = words[3]
            } else {
                page.samples.append(try sample(String(line), in: family))
            }
        }
        return page
    }

    private func sample(_ line: String, in family: String) throws -> Sample {
        let match = try #require(try /([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)/.wholeMatch(in: line), "\(line)")
        var labels: [String: String] = [:]
        for pair in (match.2 ?? "").matches(of: /([a-z_]+)="((?:[^"\\]|\\.)*)"/) {
            labels[String(pair.1)] = String(pair.2)
        }
        let name = String(match.1)
        let suffixes = ["", "_bucket", "_sum", "_count"]
        #expect(suffixes.contains { name == family + $0 }, "\(line) stands under \(family)")
        return Sample(family: family, name: name, labels: labels, value: try #require(Double(match.3), "\(line)"))
    }

    @Test("a page after some work has every figure, in valid text")
    func afterWork() throws {
        let desk = try Desk()
        desk.api.readStatistics {
            var statistics = HTTPStatistics()
            statistics.answers = [0, 7, 0, 2, 1]
            return statistics
        }
        for number in 1...3 { desk.startProcess("k\(number)") }
        _ = desk.call("GET", "/tasks", query: [("type", "carry")])
        let page = try read(desk)
        #expect(page.value("http_requests_total", ["code": "2xx"]) == 7)
        #expect(page.value("http_requests_total", ["code": "4xx"]) == 2)
        #expect(page.value("http_requests_total", ["code": "5xx"]) == 1)
        #expect(page.value("events_total") == 3)
        #expect(page.value("decisions_total") == 3)
        #expect(page.value("commits_total") == 4)
        #expect(page.value("commit_batch_size_count") == 4)
        #expect(page.value("commit_seconds_count") == 4)
        #expect(page.value("wake_to_claim_seconds_count") == 1)
        #expect(page.value("mailbox_depth") == 0)
        #expect(page.value("followers") == 0)
        #expect(page.value("tasks", ["task_type": "carry", "state": "ready"]) == 2)
        #expect(page.value("tasks", ["task_type": "carry", "state": "leased"]) == 1)
        #expect(page.value("tasks", ["task_type": "carry", "state": "delayed"]) == 0)
    }

    @Test("histograms have growing buckets, the last one for everything, and a sum and count that fit")
    func histograms() throws {
        let desk = try Desk()
        for number in 1...5 { desk.startProcess("k\(number)") }
        let page = try read(desk)
        let histograms = page.types.filter { $0.value == "histogram" }.map(\.key)
        #expect(histograms.count == 3)
        for family in histograms {
            let buckets = page.samples.filter { $0.name == "\(family)_bucket" }
            let bounds = try buckets.map { try #require(Double($0.labels["le"] ?? "")) }
            #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
            #expect(buckets.last?.labels["le"] == "+Inf")
            #expect(buckets.map(\.value) == buckets.map(\.value).sorted())
            #expect(buckets.last?.value == page.samples.first { $0.name == "\(family)_count" }?.value)
            #expect(page.samples.contains { $0.name == "\(family)_sum" })
        }
        let times = page.samples.filter { $0.name == "procession_commit_seconds_bucket" }.compactMap { $0.labels["le"] }
        #expect(times.first == "0.0001")
    }

    @Test("counters end in _total and histograms of time in _seconds")
    func names() throws {
        let page = try read(try Desk())
        for (family, type) in page.types {
            #expect(family.hasPrefix("procession_"))
            #expect(family.hasSuffix("_total") == (type == "counter"), "\(family)")
        }
    }
}
