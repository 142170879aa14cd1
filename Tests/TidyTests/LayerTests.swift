import Foundation
import Testing

/// Rules of the house that the compiler does not know.
@Suite("Layers")
struct LayerTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources").standardizedFileURL

    private static func files(of target: String) throws -> [(name: String, text: String)] {
        let folder = sources.appendingPathComponent(target)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try names.map {
            (name: "\(target)/\($0)", text: try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    }

    private static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index < 3, words.count > index + 1,
                !line.hasPrefix("//"), !line.hasPrefix(" ")
            else { return nil }
            return String(words[index + 1])
        }
    }

    static let allowed: [(target: String, imports: Set<String>)] = [
        ("Chrono", []),
        ("JSON", []),
        ("CEL", ["Chrono", "JSON"]),
        ("EventSourcing", ["Chrono", "JSON"]),
        ("ProcessManagement", ["Chrono", "EventSourcing", "HashTreeCollections", "JSON"]),
        ("Definitions", ["CEL", "Chrono", "EventSourcing", "HashTreeCollections", "JSON", "ProcessManagement"]),
        ("Diagrams", ["Chrono", "Definitions", "JSON", "ProcessManagement"]),
    ]

    @Test("the core imports only what stands above it: no I/O, clock, locks or Foundation", arguments: allowed)
    func coreIsPure(_ rule: (target: String, imports: Set<String>)) throws {
        let files = try Self.files(of: rule.target)
        #expect(!files.isEmpty)
        for file in files {
            #expect(Set(Self.imports(of: file.text)).subtracting(rule.imports).isEmpty, "\(file.name)")
        }
    }

    /// Names that are ours, or whose grammar is ASCII: nothing else equals them.
    private static let plainTables: [String] = [
        "ProcessManagement/State/ProcessState+Fold.swift", "ProcessManagement/State/Identifiers.swift",
        // Names of machines and states.
        "Definitions/Checking/Smells.swift", "Definitions/Expressions/Environments.swift",
    ]

    @Test(
        "a table by texts of users goes by their bytes, never by what Swift takes for equal",
        arguments: ["ProcessManagement", "Definitions", "Engine", "EventSourcing", "SQLiteStore"])
    func textsAreExact(_ target: String) throws {
        let looks = /\[String ?: |Set<String>|Dictionary<String|OrderedTable<String/
        for file in try Self.files(of: target) where !Self.plainTables.contains(file.name) {
            #expect(!file.text.contains(looks), "\(file.name): use ExactText as the key")
        }
    }

    @Test("SQLite is called by the store only, libcurl for webhooks only, epoll by server and engine; benchmarks may")
    func systemModulesStayAtTheEdge() throws {
        for target in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) {
            for file in try Self.files(of: target) {
                let imports = Self.imports(of: file.text)
                if imports.contains("CSQLite") {
                    #expect(["SQLiteStore", "Benchmarks"].contains(target), "\(file.name)")
                }
                if imports.contains("CCurl") {
                    #expect(["Webhooks", "Benchmarks"].contains(target), "\(file.name)")
                }
                if imports.contains("CLinux") {
                    #expect(["HTTPServer", "Engine", "Benchmarks"].contains(target), "\(file.name)")
                }
            }
        }
    }

    @Test("no closure is itself the value of a Mutex that is read: each reading would wrap it once more")
    func closuresStandInStructures() throws {
        for target in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) {
            // That one is taken out when it is read.
            for file in try Self.files(of: target) where !file.name.hasSuffix("Serving/HTTPStream.swift") {
                #expect(!file.text.contains(/Mutex<\(*@Sendable/), "\(file.name)")
            }
        }
    }

    /// Where the wall clock is read, and what for. None of them waits by it for longer than a second.
    private static let wallClocks: [String: String] = [
        "Engine/Runtime/OSThread.swift": "reads it",
        "Engine/Runtime/EngineThread.swift": "the times of facts; looks every second whether something is due",
        "Webhooks/Relay/RelayLoop.swift": "signatures and attempts; looks every second whether a delivery is due",
        "HTTPServer/Reactor/Reactor.swift": "the field Date",
        "Procession/Identifiers.swift": "ids, and whether keys and tokens have expired",
        "Procession/Access/StoredKeys.swift": "when a key was made",
        "Procession/Logging/ServiceLog.swift": "lines of the log",
        "Procession/ProcessionService.swift": "where a test clock begins",
        "SQLiteStore/Connection/FileWatch.swift": "when a checkpoint ended, for the metrics",
    ]

    @Test("nothing waits by the wall clock, which may be set: it is read only where it is known what for")
    func waitsAreSteady() throws {
        let reads = /wallMilliseconds|CLOCK_REALTIME/
        let sleeps = /Thread\.sleep|Task\.sleep|\busleep\(|[^.\w]sleep\(\w+\)/
        let dates = /\bDate\(\)|timeIntervalSince|asyncAfter|gettimeofday/
        var found: Set<String> = []
        for target in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        where !["Benchmarks", "Examples", "Fuzz", "CoverageFuzz"].contains(target) {
            for file in try Self.files(of: target) {
                if file.text.contains(reads) { found.insert(file.name) }
                #expect(!file.text.contains(sleeps), "\(file.name): wait by the steady clock")
                #expect(!file.text.contains(dates), "\(file.name): read SystemClock")
                let hasCondition = file.text.contains("pthread_cond_timedwait")
                #expect(!hasCondition || file.text.contains("CLOCK_MONOTONIC"), "\(file.name)")
            }
        }
        #expect(found == Set(Self.wallClocks.keys))
    }

    @Test("nothing in the sources is unfinished or unsafe without a reason")
    func nothingUnfinished() throws {
        for target in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path) {
            for file in try Self.files(of: target) {
                for word in ["TODO", "FIXME", "try!", " as! ", "fatalError("] {
                    #expect(!file.text.contains(word), "\(file.name) has \(word)")
                }
            }
        }
    }
}
