import Foundation
import Glibc
import SQLiteStore
import Testing

/// The disk fails while a running service copies the write-ahead log into the database.
@Suite("A checkpoint that fails")
struct CheckpointFaultTests {
    /// Which calls fail; `step`: of thousands of the same kind only some.
    struct Kind: Sendable, CustomStringConvertible {
        var calls: String
        var onDatabase = false
        /// One of those that are tried surely is the checkpoint's.
        var isSure = false
        var step = 1
        var description: String { calls }
    }

    private static let everyFault = ProcessInfo.processInfo.environment["EVERY_FAULT"] != nil

    static let kinds = [
        Kind(calls: ",fsync,fdatasync,", isSure: true),
        Kind(calls: ",pwrite64,pwrite,", onDatabase: true, isSure: true, step: everyFault ? 37 : 331),
        Kind(calls: ",pread64,pread,", step: everyFault ? 37 : 331),
        Kind(calls: ",ftruncate64,ftruncate,fstat64,stat64,open,", step: everyFault ? 1 : 3),
    ]

    private static let definition = """
        {"name":"big","events":{"Begun":{"key":"event.data.k","route":"start"}},"initial":"A",
        "states":{"A":{"task":{"type":"t"},"on":{"completed":{"to":"B"}}},"B":{"final":true}}}
        """

    /// Ten events of 90 kB: together with what follows from them more than fits the log before it is copied.
    private static func batch(_ number: Int) -> [UInt8] {
        let pad = String(repeating: "x", count: 90_000)
        let events = (0..<10).map {
            #"{"specversion":"1.0","id":"\#(number)-\#($0)","source":"/s","type":"Begun","data":{"k":"\#(number)-\#($0)","p":"\#(pad)"}}"#
        }
        return Array("[\(events.joined(separator: ","))]".utf8)
    }

    @Test("loses nothing that was acknowledged, is told, and lets the service end", arguments: kinds)
    func fails(kind: Kind) throws {
        try Samples.withFolder { folder in
            var number = 1
            var told = 0
            while number < 5_000 {
                let path = "\(folder)/s\(number).db"
                var acknowledged = 0
                var metrics = ""
                var settings = ["FAULT_SKIP": "\(folder)/skip", "FAULT_CALLS": kind.calls]
                if kind.onDatabase { settings["FAULT_FILE"] = path }
                try Data().write(to: URL(fileURLWithPath: "\(folder)/skip"))
                let serve = ["serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(path)", "--grace-seconds", "1"]
                let faults = Faults(first: number, last: false)
                let result = try FaultyProgram.run(serve, on: path, faults, settings: settings) { port, process in
                    acknowledged = Self.load(port, folder: folder, path: path)
                    metrics =
                        (try? SocketClient.call(port, "GET", "/metrics", nil)).map {
                            String(decoding: $0.body, as: UTF8.self)
                        } ?? ""
                    Glibc.kill(process.processIdentifier, SIGTERM)
                }
                let what: Comment = "call \(number): \(result.failed): \(result.output)"
                #expect(result.hasEnded && acknowledged >= 0, what)
                #expect(result.messages.allSatisfy { FaultyProgram.isForPeople($0, path: path) }, what)
                if metrics.contains("procession_checkpoint_failures_total 1\n") {
                    told += 1
                    #expect(result.status == 1 && result.messages.contains { $0.contains("a checkpoint failed") }, what)
                }
                let (status, output) = try ServiceProcess.run(
                    ServiceProcess.command(["verify", "--store", "sqlite:\(path)"]))
                let found = output.firstMatch(of: /(\d+) processes/).flatMap { Int($0.1) } ?? -1
                #expect(status == 0 && found >= acknowledged, "\(what) \(output) of \(acknowledged)")
                if result.failed.isEmpty {
                    #expect(acknowledged == 60 && result.status == 0 && number > 1, what)
                    #expect(told > 0 || !kind.isSure, "no checkpoint failed")
                    return
                }
                number += kind.step
            }
        }
    }

    /// Writes until the log was copied, or cannot be; how many processes were acknowledged, -1 if nothing could begin.
    private static func load(_ port: Int, folder: String, path: String) -> Int {
        guard (try? SocketClient.call(port, "PUT", "/definitions/big", Array(definition.utf8)))?.status == 201 else {
            return -1
        }
        unlink("\(folder)/skip")
        var acknowledged = 0
        for number in 0..<6 {
            let answer = try? SocketClient.call(
                port, "POST", "/events", batch(number), contentType: "application/cloudevents-batch+json")
            if answer?.status == 200 { acknowledged += 10 }
        }
        for _ in 0..<30 {
            let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            let ready = (try? SocketClient.call(port, "GET", "/readyz", nil))?.status
            if size > 1_000_000 || ready != 200 { break }
            usleep(50_000)
        }
        return acknowledged
    }
}
