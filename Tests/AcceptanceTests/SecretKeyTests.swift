import Foundation
import Procession
import Testing

/// `PROCESSION_SECRET_KEY`: a store whose secrets were sealed once opens with that key only.
@Suite("The key of secrets")
struct SecretKeyTests {
    private static func serve(_ folder: String, _ environment: [String: String]) throws -> (
        status: Int32, output: String
    ) {
        let command = ServiceProcess.command(["serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(folder)/s.db"])
        command.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return try ServiceProcess.run(command)
    }

    @Test("the service does not start without the key, with another one, or with a file that cannot be read")
    func refusals() throws {
        try Samples.withFolder { folder in
            var configuration = ServiceConfiguration()
            configuration.store = .sqlite(path: "\(folder)/s.db")
            configuration.secretKey = "correct horse"
            for _ in 0..<2 { try ProcessionService(configuration, listens: false).stop() }
            let file = "\(folder)/key"
            try Data("another\n".utf8).write(to: URL(fileURLWithPath: file))
            for (environment, reason) in [
                ([:], "there is no key"), (["PROCESSION_SECRET_KEY": "another"], "another key"),
                (["PROCESSION_SECRET_KEY_FILE": file], "another key"),
                (["PROCESSION_SECRET_KEY_FILE": "\(folder)/none"], "cannot be read"),
            ] as [([String: String], String)] {
                let (status, output) = try Self.serve(folder, environment)
                #expect(status == 1)
                let errors = output.split(separator: "\n").filter { $0.contains(" error ") }
                #expect(errors.count == 1, "\(output)")
                #expect(errors.first?.contains(reason) == true, "\(output)")
                #expect(output.contains("warning") == environment.isEmpty, "\(output)")
            }
        }
    }
}
