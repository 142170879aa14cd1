import ArgumentParser
import Engine
import Foundation
import Glibc
import Procession
import SQLiteStore

/// The file of a store, as several commands name it.
struct StoreOption: ParsableArguments {
    @Option(help: "sqlite:<file>; also PROCESSION_STORE.")
    var store = ProcessInfo.processInfo.environment["PROCESSION_STORE"] ?? "sqlite:procession.db"

    func path() throws -> String {
        guard case .sqlite(let path)? = StoreLocation(store) else {
            throw ValidationError("--store has to be sqlite:<file>")
        }
        guard FileManager.default.fileExists(atPath: path) else { throw ValidationError("there is no file '\(path)'") }
        return path
    }

    /// Fails with one line for people.
    static func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            FileHandle.standardError.write(Data("Error: \(StartError(error))\n".utf8))
            throw ExitCode(1)
        }
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove a store: refold and re-decide every stream, compare everything derived.",
        discussion: "Run it on a stopped service or on a backup.")

    @OptionGroup var store: StoreOption

    func run() throws {
        try StoreOption.explaining(verify)
    }

    private func verify() throws {
        let path = try store.path()
        let problems = try SQLiteMaintenance(path: path).integrityCheck()
        for problem in problems { print("integrity: \(problem)") }
        let opened = try SQLiteStore(path: path)
        defer { opened.close() }
        let reader = try opened.makeReader()
        let report = try StoreVerifier(reader: reader, factory: DefinitionManagers()).verifyAll(tenant: "default")
        print("\(report.processes) processes, \(report.records) records verified")
        if let difference = report.difference { print("DIFFERENCE: \(difference)") }
        if report.difference != nil || !problems.isEmpty { throw ExitCode(1) }
        print("the store is what its streams say")
    }
}

struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write everything anew that follows from events: processes, tasks, timers, keys.",
        discussion: "Only on a stopped service, and after a backup. Events and what stands beside them stay.")

    @OptionGroup var store: StoreOption

    func run() throws {
        try StoreOption.explaining(rebuild)
    }

    private func rebuild() throws {
        let opened = try SQLiteStore(path: try store.path())
        defer { opened.close() }
        let engine = try ProcessEngine(
            store: opened, factory: DefinitionManagers(), makeSecret: { [] })
        let report = try engine.rebuild()
        print("\(report.processes) processes, \(report.records) records, \(report.tasks) tasks rebuilt")
        print(report.changed == 0 ? "nothing had to be changed" : "\(report.changed) rows were changed")
    }
}

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Copy a store while the service goes on.")

    @OptionGroup var store: StoreOption
    @Argument(help: "The file to write; it must not exist.")
    var destination: String

    func run() throws {
        try StoreOption.explaining { try SQLiteMaintenance(path: try store.path()).backup(to: destination) }
        print("written \(destination)")
    }
}

struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running service whether it is ready; exit status 0 if it is.")

    @Option(help: "Address and port of the service.")
    var listen = ProcessInfo.processInfo.environment["PROCESSION_LISTEN"] ?? "127.0.0.1:7070"

    func run() throws {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw ValidationError("--listen has to be <address>:<port>")
        }
        guard Self.isReady(port: port) else {
            print("not ready")
            throw ExitCode(1)
        }
        print("ready")
    }

    /// One request over loopback, which is where a container's health check runs.
    private static func isReady(port: UInt16) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return false }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket, request, request.count, 0) == request.count else { return false }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(socket, &answer, answer.count, 0)
        return count > 12 && String(decoding: answer[9..<12], as: UTF8.self) == "200"
    }
}
