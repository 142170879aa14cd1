import Foundation
import Glibc
import JSON
import Procession
import SQLiteStore
import Testing

/// The disk fails at every call of a start, a stop and every command, once and for good.
///
/// With `EVERY_FAULT` in the environment it is every call; else every 19th, which takes seconds instead of minutes.
@Suite("A disk that fails")
struct StoreFaultTests {
    private static let step = ProcessInfo.processInfo.environment["EVERY_FAULT"] == nil ? 19 : 1

    /// Commands on a file on which no service runs.
    enum Command: String, CaseIterable, Sendable {
        case verify, backup, rebuild, keysList, keysCreate, keysRevoke

        func arguments(_ path: String, key: String) -> [String] {
            let store = ["--store", "sqlite:\(path)"]
            return switch self {
            case .verify: ["verify"] + store
            case .backup: ["backup"] + store + ["\(path)-copy"]
            case .rebuild: ["rebuild"] + store
            case .keysList: ["keys", "list"] + store
            case .keysCreate: ["keys", "create", "--name", "new", "--scope", "read"] + store
            case .keysRevoke: ["keys", "revoke", key] + store
            }
        }
    }

    /// A store with a process and a key, as a kill leaves it: most of it is in the WAL.
    private struct Template {
        let folder: String
        let key: String

        /// `hasKey`: then the service lets nobody in without it.
        init(in folder: String, hasKey: Bool) throws {
            self.folder = folder
            let path = "\(folder)/made.db"
            var configuration = ServiceConfiguration()
            configuration.store = .sqlite(path: path)
            let client = try InProcessClient(configuration)
            let definition = try JSONValue(parsing: Array(StoreFaultTests.definition.utf8))
            try #require(client.call("PUT", "/definitions/job", definition).status == 201)
            let event = try JSONValue(parsing: StoreFaultTests.event("first"))
            try #require(client.call("POST", "/events", event).status == 200)
            if hasKey {
                let answer = client.call("POST", "/keys", ["name": "old", "scopes": ["admin"]])
                key = try #require(answer.body["id"]?.stringValue)
            } else {
                key = ""
            }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: "\(folder)/template.db\(suffix)")
            }
        }

        /// A new copy for each try, all at the same path.
        func copied() throws -> String {
            let path = "\(folder)/s.db"
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasPrefix("s.db") {
                unlink("\(folder)/\(file)")
            }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: "\(folder)/template.db\(suffix)", toPath: path + suffix)
            }
            return path
        }
    }

    private static let definition = """
        {"name":"job","events":{"Begun":{"key":"event.data.k","route":"start"}},"initial":"A",
        "states":{"A":{"task":{"type":"t"},"on":{"completed":{"to":"B"}}},"B":{"final":true}}}
        """

    private static func event(_ key: String) -> [UInt8] {
        Array(#"{"id":"\#(key)","source":"/s","type":"Begun","data":{"k":"\#(key)"}}"#.utf8)
    }

    /// Runs with each fault until there is none to be had any more.
    private static func withEachFault(
        lasting: Bool, _ body: (Faults) throws -> FaultyProgram
    ) throws {
        var number = 1
        while number < 2_000 {
            let result = try body(Faults(first: number, last: lasting, error: number % 2 == 0 ? ENOSPC : EIO))
            if result.failed.isEmpty {
                #expect(number > 20, "the shim does nothing")
                return
            }
            number += step
        }
    }

    @Test(
        "lets a command end, with its work done or a line that names the file, and leaves the store as it was",
        arguments: Command.allCases, [false, true])
    func commands(command: Command, lasting: Bool) throws {
        try Samples.withFolder { folder in
            let template = try Template(in: folder, hasKey: true)
            try Self.withEachFault(lasting: lasting) { faults in
                let path = try template.copied()
                let result = try FaultyProgram.run(command.arguments(path, key: template.key), on: path, faults)
                let what: Comment = "\(command), \(faults): \(result.failed.prefix(2)): \(result.output)"
                #expect(result.hasEnded, what)
                if result.status != 0 {
                    #expect(result.messages.count == 1, what)
                    #expect(result.messages.allSatisfy { FaultyProgram.isForPeople($0, path: path) }, what)
                    #expect(!result.output.contains(/DIFFERENCE|integrity:/), what)
                }
                if command == .backup { try Self.checkCopy(path, result, what) }
                if command == .keysCreate, result.status == 0 {
                    let (_, list) = try ServiceProcess.run(
                        ServiceProcess.command(["keys", "list", "--store", "sqlite:\(path)"]))
                    #expect(list.contains("new"), what)
                }
                #expect(try SQLiteMaintenance(path: path).integrityCheck() == [], what)
                return result
            }
        }
    }

    /// A copy is whole, or not there.
    private static func checkCopy(_ path: String, _ result: FaultyProgram, _ what: Comment) throws {
        let copy = "\(path)-copy"
        guard FileManager.default.fileExists(atPath: copy) else {
            #expect(result.status != 0, what)
            return
        }
        #expect(try SQLiteMaintenance(path: copy).integrityCheck() == [], what)
    }

    @Test("lets a start and a stop end, and keeps every event that was acknowledged", arguments: [false, true])
    func startAndStop(lasting: Bool) throws {
        try Samples.withFolder { folder in
            let template = try Template(in: folder, hasKey: false)
            try Self.withEachFault(lasting: lasting) { faults in
                let path = try template.copied()
                var isAcknowledged = false
                let serve = ["serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(path)", "--grace-seconds", "1"]
                let result = try FaultyProgram.run(serve, on: path, faults) { port, process in
                    let answer = try? SocketClient.call(
                        port, "POST", "/events", Self.event("more"))
                    isAcknowledged = answer.map { (200..<300).contains($0.status) } ?? false
                    Glibc.kill(process.processIdentifier, SIGTERM)
                }
                let what: Comment = "\(faults): \(result.failed.prefix(2)): \(result.output)"
                #expect(result.hasEnded, what)
                #expect(result.messages.allSatisfy { FaultyProgram.isForPeople($0, path: path) }, what)
                if result.failed.isEmpty { #expect(isAcknowledged && result.status == 0, what) }
                if !result.output.contains("listening") {
                    #expect(result.status == 1, what)
                    #expect(result.messages.count == 1, what)
                }
                let (status, output) = try ServiceProcess.run(
                    ServiceProcess.command(["verify", "--store", "sqlite:\(path)"]))
                #expect(status == 0, "\(what) \(output)")
                #expect(output.contains(isAcknowledged ? /2 processes/ : /[12] processes/), "\(what) \(output)")
                return result
            }
        }
    }
}
