import API
import Engine
import HTTPServer
import JSON
import Testing

/// /metrics in Prometheus' text format 0.0.4, and in OpenMetrics 1.0.
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

    private func sample(
        _ line: String, in family: String, endings: [String] = ["", "_bucket", "_sum", "_count"]
    ) throws -> Sample {
        let match = try #require(try /([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)/.wholeMatch(in: line), "\(line)")
        var labels: [String: String] = [:]
        for pair in (match.2 ?? "").matches(of: /([a-z_]+)="((?:[^"\\]|\\.)*)"/) {
            labels[String(pair.1)] = String(pair.2)
        }
        let name = String(match.1)
        #expect(endings.contains { name == family + $0 }, "\(line) stands under \(family)")
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
        desk.api.readStatistics {
            var statistics = HTTPStatistics()
            for microseconds in [100, 700, 700, 9_000_000] as [Int64] { statistics.durations.add(microseconds) }
            return statistics
        }
        for number in 1...5 { desk.startProcess("k\(number)") }
        let page = try read(desk)
        let histograms = page.types.filter { $0.value == "histogram" }.map(\.key)
        #expect(histograms.count == 4)
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

    @Test("durations of requests stand in the bucket they fit into")
    func durations() throws {
        let desk = try Desk()
        desk.api.readStatistics {
            var statistics = HTTPStatistics()
            for microseconds in [100, 500, 501, 9_000_000] as [Int64] { statistics.durations.add(microseconds) }
            return statistics
        }
        let page = try read(desk)
        #expect(page.value("http_request_seconds_bucket", ["le": "0.0005"]) == 2)
        #expect(page.value("http_request_seconds_bucket", ["le": "0.001"]) == 3)
        #expect(page.value("http_request_seconds_bucket", ["le": "5.0"]) == 3)
        #expect(page.value("http_request_seconds_bucket", ["le": "+Inf"]) == 4)
        #expect(page.value("http_request_seconds_sum") == 9.001101)
    }

    @Test(
        "OpenMetrics comes to who asks for it by name",
        arguments: [
            ("application/openmetrics-text; version=1.0.0", true), ("text/plain", false), ("*/*", false),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true),
            ("application/openmetrics-text;q=0.2, text/plain;q=0.9", false),
        ])
    func negotiation(accept: String, isOpen: Bool) throws {
        let (response, _) = try Desk().call("GET", "/metrics", fields: [("Accept", accept)])
        let type = isOpen ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4"
        #expect(response["Content-Type"] == "\(type); charset=utf-8")
        #expect(response["Vary"] == "Accept")
    }

    /// The rules of OpenMetrics 1.0 for what stands here: metadata before samples, families together, counters named
    /// without and sampled with `_total`, units as the ending of names, bounds as numbers with a point, an end.
    @Test("an OpenMetrics page follows its rules")
    func openMetrics() throws {
        let desk = try Desk()
        desk.api.readStatistics { HTTPStatistics() }
        desk.startProcess("k1")
        let (response, _) = desk.call("GET", "/metrics", fields: [("Accept", "application/openmetrics-text")])
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.hasSuffix("\n# EOF\n"))
        #expect(!text.contains("\r") && !text.contains("\n\n"))
        var types: [String: String] = [:]
        var family = ""
        for line in text.split(separator: "\n").dropLast() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# TYPE ") {
                family = words[2]
                #expect(types[family] == nil, "\(family) twice")
                types[family] = words[3]
                #expect(!family.hasSuffix("_total"))
            } else if line.hasPrefix("# UNIT ") {
                #expect(words[2] == family && family.hasSuffix("_\(words[3])"))
            } else if line.hasPrefix("# HELP ") {
                #expect(words[2] == family)
            } else {
                let sample = try sample(String(line), in: family, endings: ["", "_total", "_bucket", "_sum", "_count"])
                if types[family] == "counter" { #expect(sample.name == family + "_total") }
                if types[family] == "gauge" { #expect(sample.name == family) }
                if let bound = sample.labels["le"], bound != "+Inf" { #expect(bound.contains("."), "\(line)") }
            }
        }
        #expect(types.count > 20)
    }

    @Test("open incidents show")
    func incidents() throws {
        let page = try read(try Desk())
        #expect(page.value("processes_with_incidents") == 0)
        #expect(page.value("incidents_raised_total") == 0)
        #expect(page.value("incidents_resolved_total") == 0)
        #expect(page.value("log_lines_dropped_total") == 0)
    }
}
