import CEL
import Foundation
import Procession

/// What a command is told: by an option, else by `PROCESSION_<NAME>` in the environment, else by the file that
/// `PROCESSION_<NAME>_FILE` names, which is how containers are given secrets.
struct Settings {
    private let environment: [String: String]
    /// The variables that were asked for so far: all that there are, once everything is read.
    private let known = Known()

    private final class Known {
        var names: Set<String> = []
    }

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// A setting as it was given, and under which name.
    struct Given {
        var name: String
        var text: String
    }

    /// `option` is the name of the option, such as `max-mailbox`.
    func given(_ option: String, _ value: String?) throws(StartError) -> Given? {
        let name = "PROCESSION_\(option.uppercased().replacingOccurrences(of: "-", with: "_"))"
        known.names.formUnion([name, "\(name)_FILE"])
        if let value { return Given(name: "--\(option)", text: value) }
        guard let file = environment["\(name)_FILE"] else {
            return environment[name].map { Given(name: name, text: $0) }
        }
        guard environment[name] == nil else { throw StartError("\(name) and \(name)_FILE exclude each other") }
        guard let data = FileManager.default.contents(atPath: file), data.count <= 65_536,
            let text = String(data: data, encoding: .utf8)
        else { throw StartError("\(name)_FILE names '\(file)', which cannot be read") }
        return Given(name: "\(name)_FILE", text: text.trimmingCharacters(in: .newlines))
    }

    func text(_ option: String, _ value: String?) throws(StartError) -> String? {
        try given(option, value)?.text
    }

    func flag(_ option: String, _ value: Bool) throws(StartError) -> Bool {
        if value { return true }
        guard let given = try given(option, nil) else { return false }
        switch given.text {
        case "", "0", "false": return false
        case "1", "true": return true
        default: throw StartError("\(given.name) has to be true or false, not '\(given.text)'")
        }
    }

    func number(
        _ option: String, _ value: String?, in range: ClosedRange<Int>, default standard: Int
    ) throws(StartError) -> Int {
        guard let given = try given(option, value) else { return standard }
        guard given.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(given.text),
            range.contains(number)
        else {
            throw StartError(
                "\(given.name) has to be a number from \(range.lowerBound) to \(range.upperBound), not '\(given.text)'")
        }
        return number
    }

    /// A number of seconds, with a fraction if need be.
    func seconds(
        _ option: String, _ value: String?, in range: ClosedRange<Double>, default standard: Double
    ) throws(StartError) -> Double {
        guard let given = try given(option, value) else { return standard }
        guard let number = Double(given.text), range.contains(number) else {
            let bounds = "\(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
            throw StartError("\(given.name) has to be seconds from \(bounds), not '\(given.text)'")
        }
        return number
    }

    /// Variables that look like settings and are none, each with the one that may have been meant. To be asked when
    /// everything was read.
    ///
    /// They do not stop a start: an orchestrator sets some on its own after the name of a service, which are left out
    /// here as far as they are known (Kubernetes: PROCESSION_SERVICE_HOST, PROCESSION_PORT_7070_TCP and so on).
    var unknown: [(name: String, hint: String?)] {
        environment.keys.filter { $0.hasPrefix("PROCESSION_") && !known.names.contains($0) }
            .filter { $0.wholeMatch(of: /PROCESSION(_SERVICE_HOST|_SERVICE_PORT.*|_PORT|_PORT_[0-9]+_.*)/) == nil }
            .sorted().map { ($0, Hints.didYouMean($0, among: known.names)) }
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}

/// `<address>:<port>`, an IPv6 address in brackets.
struct ListenAddress {
    var address: String
    var port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        address = String(host)
        self.port = port
    }
}
