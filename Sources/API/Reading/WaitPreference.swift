import Chrono
import HTTPServer

/// `Prefer: wait=<seconds>` (RFC 7240 section 4.3): the same as the parameter `wait`, for clients that know preferences.
/// Preferences that are malformed or unknown are ignored.
enum WaitPreference {
    /// An answer is held back no longer than this.
    static let longest = TimeSpan.seconds(60)

    static func read(_ headers: HTTPFields) -> TimeSpan? {
        for preference in headers.values(for: "prefer").flatMap({ $0.split(separator: ",") }) {
            let main = preference.prefix { $0 != ";" }
            let parts = main.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.count == 2, parts[0].lowercased() == "wait" else { continue }
            let digits = parts[1].filter { $0 != "\"" }
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            // The first of several counts (section 2).
            return Int64(digits).map { min(.seconds($0), longest) } ?? longest
        }
        return nil
    }
}

extension APICall {
    /// How long the answer may be held back: the shorter of the parameter and the preference where both are there. A
    /// client that would wait longer simply comes again.
    func wait() throws(HTTPProblem) -> TimeSpan {
        let asked = min(try query.timeSpan("wait", default: preferredWait ?? .zero), WaitPreference.longest)
        return min(asked, preferredWait ?? asked)
    }
}
