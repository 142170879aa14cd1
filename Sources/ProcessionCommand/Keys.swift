import ArgumentParser
import CEL
import Chrono
import Engine
import EventSourcing
import Foundation
import Procession

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke API keys in the file of a stopped service.",
        discussion: "A running service does the same at /keys.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print its secret, which is shown this once.",
            discussion: "The file is created if there is none. From the first key on, every request needs one.")

        @OptionGroup var store: KeyStoreOption
        @Option(help: "What the key is for, or who has it.")
        var name: String
        @Option(
            help: """
                What it may do, as often as needed: events:write, tasks:work, read, operate, admin. admin may do \
                everything.
                """)
        var scope: [String]
        @Option(help: "Binds the key to a tenant.")
        var tenant: String?
        @Option(help: "After how long it ends, such as 2160h.")
        var expiresIn: String?

        func run() throws {
            var scopes: Set<AccessScope> = []
            for name in scope {
                guard let known = AccessScope(rawValue: name) else {
                    let all = AccessScope.allCases.map(\.rawValue)
                    let hint = Hints.didYouMean(name, among: all).map { "; \($0)" } ?? ""
                    throw ValidationError(
                        "there is no scope '\(name)'; there are \(all.joined(separator: ", "))\(hint)")
                }
                scopes.insert(known)
            }
            guard !scopes.isEmpty else { throw ValidationError("give at least one --scope") }
            guard (1...100).contains(name.utf8.count) else { throw ValidationError("--name has 1 to 100 bytes") }
            if let tenant, !TenantName.isValid(tenant) {
                throw ValidationError("--tenant has to be 1 to 64 of A-Z a-z 0-9 _ - . and to begin with no - or .")
            }
            let expiry = try expiresIn.map { text throws in
                guard let span = TimeSpan(text) else {
                    throw ValidationError("--expires-in has to be \(TimeSpan.forms(insteadOf: text)), not '\(text)'")
                }
                return NewAccessKey.Expiry.after(span)
            }
            try store.opened { keys throws(StartError) in
                let made = try keys.create(name: name, scopes: scopes, tenant: tenant, expiry: expiry ?? .never)
                print(made.secret)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, without their secrets.")

        @OptionGroup var store: KeyStoreOption

        func run() throws {
            try store.opened { keys throws(StartError) in
                for row in try keys.list() { print(Self.line(row)) }
            }
        }

        private static func line(_ row: AccessKeyRow) -> String {
            var words = ["\(row.id)", row.name, row.scopes.names.joined(separator: ",")]
            if let tenant = row.tenant { words.append("tenant=\(tenant)") }
            words.append("created=\(row.createdAt.rfc3339)")
            if let time = row.expiresAt { words.append("expires=\(time.rfc3339)") }
            if let time = row.revokedAt { words.append("revoked=\(time.rfc3339)") }
            if let time = row.lastUsedAt { words.append("used=\(time.rfc3339)") }
            return words.joined(separator: "  ")
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key for good.")

        @OptionGroup var store: KeyStoreOption
        @Argument(help: "The id of the key, as 'keys list' shows it.")
        var id: String

        func run() throws {
            guard let id = UniqueID(id) else { throw ValidationError("'\(id)' is no id of a key") }
            try store.opened { keys throws(StartError) in
                let row = try keys.revoke(id)
                print("revoked \(row.name)")
            }
        }
    }
}

/// The file of a store that may be new.
struct KeyStoreOption: ParsableArguments {
    @Option(help: "sqlite:<file>; also PROCESSION_STORE.")
    var store = ProcessInfo.processInfo.environment["PROCESSION_STORE"] ?? "sqlite:procession.db"

    func opened(_ body: (StoredKeys) throws(StartError) -> Void) throws {
        guard case .sqlite(let path)? = StoreLocation(store) else {
            throw ValidationError("--store has to be sqlite:<file>")
        }
        do throws(StartError) {
            let keys = try StoredKeys(path: path)
            defer { keys.close() }
            try body(keys)
        } catch {
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}
