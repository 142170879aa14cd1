import Chrono
import HTTPServer

/// `Prefer` (RFC 7240), of which `wait` is known here; all others are passed over, as the RFC has it.
enum Preferences {
    private static let longestWait: Int64 = 60

    /// `wait=10`, in seconds; at most a minute. Of several the first counts; one that is no number is none.
    static func wait(_ fields: HTTPFields) -> TimeSpan? {
        guard fields.contains("prefer") else { return nil }
        for preference in fields.values(for: "prefer").flatMap({ $0.split(separator: ",") }) {
            let words = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map {
                $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
            }
            guard words.first?.lowercased() == "wait" else { continue }
            guard words.count == 2, !words[1].isEmpty, words[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return .seconds(min(Int64(words[1]) ?? longestWait, longestWait))
        }
        return nil
    }
}
