import Foundation
import Glibc
import Procession
import Testing

/// Files that are not what they should be: whoever reads the line has to know which one it is, and no Swift.
@Suite("What commands say of a file")
struct MessageTests {
    enum Harm: String, CaseIterable, Sendable {
        case text, folder, cut, empty, logIsFolder, indexIsFolder, lockIsFolder, noFolder

        func apply(to path: String) throws {
            let files = FileManager.default
            switch self {
            case .text:
                try "no database at all, but long enough to have a head. ".write(
                    toFile: path, atomically: false, encoding: .utf8)
            case .folder:
                unlink(path)
                try files.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .cut: #expect(truncate(path, 5000) == 0)
            case .empty: #expect(truncate(path, 0) == 0)
            case .logIsFolder:
                try files.createDirectory(atPath: path + "-wal/x", withIntermediateDirectories: true)
            case .indexIsFolder:
                try files.createDirectory(atPath: path + "-shm/x", withIntermediateDirectories: true)
            case .lockIsFolder:
                unlink(path + ".lock")
                try files.createDirectory(atPath: path + ".lock", withIntermediateDirectories: false)
            case .noFolder: break
            }
        }
    }

    private static func commands(_ store: String, copy: String) -> [[String]] {
        [
            ["verify"], ["backup", copy], ["rebuild"], ["keys", "list"],
            ["keys", "create", "--name", "x", "--scope", "read"], ["serve", "--listen", "127.0.0.1:0"],
        ].map { $0 + ["--store", "sqlite:\(store)"] }
    }

    @Test("names it in one line, in words for people, and ends", arguments: Harm.allCases)
    func named(harm: Harm) throws {
        try Samples.withFolder { folder in
            let made = "\(folder)/made.db"
            let keys = try StoredKeys(path: made)
            _ = try keys.create(name: "old", scopes: [])
            keys.close()
            for (number, _) in Self.commands("", copy: "").enumerated() {
                let place = harm == .noFolder ? "\(folder)/none" : folder
                let path = "\(place)/s\(number).db"
                if harm != .noFolder { try FileManager.default.copyItem(atPath: made, toPath: path) }
                try harm.apply(to: path)
                let command = Self.commands(path, copy: "\(folder)/copy\(number).db")[number]
                let result = try FaultyProgram.run(command, on: path, .init(first: 0, last: false)) { _, process in
                    Glibc.kill(process.processIdentifier, SIGTERM)
                }
                let what: Comment = "\(command): \(result.status) \(result.output)"
                #expect(result.hasEnded, what)
                // What stands beside the file does not matter to each of them.
                if ![.logIsFolder, .indexIsFolder, .lockIsFolder, .empty].contains(harm) {
                    #expect(result.status != 0, what)
                }
                guard result.status != 0 else { continue }
                if harm == .folder { #expect(result.output.contains("is no file but a folder"), what) }
                #expect(result.messages.count == 1, what)
                #expect(result.messages.allSatisfy { $0.contains(path) }, what)
                #expect(!result.output.contains(FaultyProgram.swiftSpelling), what)
            }
        }
    }

    @Test(
        "names the destination of a backup that cannot be written, and the folders of definitions that cannot be read")
    func otherFiles() throws {
        try Samples.withFolder { folder in
            let path = "\(folder)/s.db"
            try StoredKeys(path: path).close()
            let (file, none) = ("\(folder)/file", "\(folder)/none")
            try "x".write(toFile: file, atomically: false, encoding: .utf8)
            let store = ["--store", "sqlite:\(path)"]
            let cases: [(command: [String], named: String)] = [
                (["backup", file] + store, file), (["backup", "\(none)/c.db"] + store, "\(none)/c.db"),
                (["backup", "\(file)/c.db"] + store, "\(file)/c.db"), (["backup", folder] + store, folder),
                (["serve", "--definitions", none] + store, none), (["serve", "--definitions", file] + store, file),
                (["validate", none], none), (["diagram", none], none),
            ]
            for (command, named) in cases {
                let (status, output) = try ServiceProcess.run(ServiceProcess.command(command))
                #expect(status != 0, "\(command): \(output)")
                #expect(output.contains(named), "\(command): \(output)")
                #expect(!output.contains(FaultyProgram.swiftSpelling), "\(command): \(output)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("partial") } == [])
        }
    }
}
