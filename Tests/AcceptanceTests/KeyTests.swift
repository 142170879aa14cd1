import Foundation
import JSON
import Procession
import Testing

/// Keys as who runs the service meets them: the command, the binary, the file.
@Suite("Keys")
struct KeyTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func keys(_ arguments: [String], _ service: ServiceProcess) throws -> (status: Int32, output: String) {
        let (status, output) = try ServiceProcess.run(
            ServiceProcess.command(["keys"] + arguments + ["--store", service.store]))
        return (status, output.trimmingCharacters(in: .newlines))
    }

    @Test("the first key is made in the file before the first start, and opens the service to other machines")
    func firstKey() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let service = ServiceProcess(in: folder)
        #expect(throws: ServiceProcess.Failure.self) { try service.start(listen: "0.0.0.0:0") }
        let made = try keys(["create", "--name", "root", "--scope", "admin", "--expires-in", "24h"], service)
        #expect(made.status == 0)
        let key = made.output
        #expect(key.wholeMatch(of: /prc_[0-9A-Za-z]{33}/) != nil, "\(key)")

        try service.start(listen: "0.0.0.0:0")
        #expect(try SocketClient.call(service.port, "GET", "/processes", nil).status == 401)
        #expect(try SocketClient.call(service.port, "GET", "/readyz", nil).status == 200)
        #expect(try SocketClient.call(service.port, "GET", "/processes", nil, key: key).status == 200)
        let audit = try SocketClient.call(service.port, "GET", "/events?category=audit", nil, key: key)
        let text = String(decoding: audit.body, as: UTF8.self)
        #expect(text.contains("KeyCreated") && !text.contains(key))
        let busy = try keys(["list"], service)
        #expect(busy.status == 1)
        #expect(busy.output.contains("in use"), "\(busy.output)")
        #expect(service.stop() == 0)

        let listed = try keys(["list"], service).output
        #expect(listed.contains("root  admin") && listed.contains("used=") && listed.contains("expires="), "\(listed)")
        #expect(!listed.contains("prc_"))
        let id = try #require(listed.split(separator: " ").first)
        let revoked = try keys(["revoke", String(id)], service)
        #expect(revoked.output == "revoked root")
        try service.start(listen: "0.0.0.0:0")
        #expect(try SocketClient.call(service.port, "GET", "/processes", nil, key: key).status == 401)
        #expect(service.stop() == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/s.db"))
        #expect(bytes.range(of: Data(key.utf8)) == nil, "the key stands in the file")
    }

    @Test(
        "what is wrong on the command line is said, and nothing is made",
        arguments: [
            ["create", "--name", "x", "--scope", "root"], ["create", "--name", "x"], ["create", "--scope", "admin"],
            ["create", "--name", "x", "--scope", "read", "--tenant", "a b"],
            ["create", "--name", "x", "--scope", "read", "--expires-in", "soon"], ["revoke", "x"],
            ["revoke", "018f0000-0000-7000-8000-000000000000"],
        ])
    func wrongArguments(arguments: [String]) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let service = ServiceProcess(in: folder)
        #expect(try keys(arguments, service).status != 0)
        #expect(try keys(["list"], service).output == "")
    }

    @Test(
        "SIGHUP reads the keys of tokens again; of a file that is of no use nothing is taken, and the service goes on")
    func reloads() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = URL(fileURLWithPath: "\(folder)/jwks.json")
        try Data(Self.jwks.utf8).write(to: file)
        let (process, output) = ServiceProcess.command([
            "serve", "--listen", "127.0.0.1:0", "--store", "memory", "--jwt-issuer", "i", "--jwt-audience", "a",
            "--jwt-jwks", file.path,
        ])
        try process.run()
        defer { process.terminate() }
        var log = ""
        func read(until text: String) {
            while !log.contains(text) {
                let bytes = output.fileHandleForReading.availableData
                guard !bytes.isEmpty else { return }
                log += String(decoding: bytes, as: UTF8.self)
            }
        }
        read(until: "listening")
        kill(process.processIdentifier, SIGHUP)
        read(until: "token keys read again")
        try Data("{}".utf8).write(to: file)
        kill(process.processIdentifier, SIGHUP)
        read(until: "token keys not read again reason=")
        kill(process.processIdentifier, SIGTERM)
        read(until: "stopped")
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && log.contains("stopped"), "\(log)")
    }

    /// The public key of RFC 8037 appendix A.2.
    private static let jwks =
        #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#

    @Test("the settings of tokens go together, and a file of keys that is of no use stops the start")
    func tokenSettings() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = "\(folder)/jwks.json"
        try Data(#"{"keys":[]}"#.utf8).write(to: URL(fileURLWithPath: file))
        for arguments in [
            ["--jwt-issuer", "i"], ["--jwt-issuer", "i", "--jwt-audience", "a"],
            ["--jwt-tenant-claim", "org"],
            ["--jwt-issuer", "i", "--jwt-audience", "a", "--jwt-jwks", "\(folder)/none"],
            ["--jwt-issuer", "i", "--jwt-audience", "a", "--jwt-jwks", file],
        ] {
            let command = ServiceProcess.command(["serve", "--listen", "127.0.0.1:0", "--store", "memory"] + arguments)
            let (status, output) = try ServiceProcess.run(command)
            #expect(status == 1 && output.contains("cannot start"), "\(arguments): \(output)")
        }
        var configuration = ServiceConfiguration()
        configuration.store = .memory
        configuration.port = 0
        configuration.address = "0.0.0.0"
        configuration.trustedTokens = TrustedTokens(issuer: "i", audience: "a", jwks: Array(Self.jwks.utf8))
        let service = try ProcessionService(configuration)
        defer { service.stop(graceSeconds: 0) }
        #expect(try SocketClient.call(service.port, "GET", "/processes", nil).status == 401)
        #expect(try SocketClient.call(service.port, "GET", "/processes", nil, key: "a.b.c").status == 401)
        #expect(try SocketClient.call(service.port, "GET", "/livez", nil).status == 200)
    }
}
