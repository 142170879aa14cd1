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
        let report = try StoreVerifier(reader: reader, factory: DefinitionManagers()).verifyAll()
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
