import Foundation
import Glibc
import Testing

/// Whatever is missing at the start, it ends: in a service that listens, or in one line and the status 1.
@Suite("The start")
struct StartFaultTests {
    @Test("ends, and so does the service at SIGTERM, however few files may be open", arguments: 5..<32)
    func fewFiles(files: Int) throws {
        try Samples.withFolder { folder in
            let shell = #"ulimit -n "$0"; exec "$@""#
            let (process, output) = ServiceProcess.command(["serve"])
            process.arguments =
                ["-c", shell, "\(files)", try #require(process.executableURL).path, "serve"]
                + ["--listen", "127.0.0.1:0", "--store", "sqlite:\(folder)/s.db", "--grace-seconds", "1"]
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            try process.run()
            // A hang would be ended by this, and shows as the end by a signal.
            let pid = process.processIdentifier
            let guardian = DispatchWorkItem { Glibc.kill(pid, SIGKILL) }
            DispatchQueue.global().asyncAfter(deadline: .now() + 30, execute: guardian)
            var log = ""
            while true {
                let bytes = output.fileHandleForReading.availableData
                if bytes.isEmpty { break }
                log += String(decoding: bytes, as: UTF8.self)
                if log.contains("listening") {
                    Glibc.kill(pid, SIGTERM)
                }
            }
            process.waitUntilExit()
            guardian.cancel()
            #expect(process.terminationReason == .exit, "\(files) files: \(log)")
            if !log.contains("listening") {
                #expect(process.terminationStatus != 0)
                let lines = log.split(separator: "\n").filter { !$0.contains(" warning ") }
                #expect(lines.count == 1, "\(files) files: \(log)")
            }
        }
    }
}
